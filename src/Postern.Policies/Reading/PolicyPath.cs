namespace Postern.Policies.Reading;

/// <summary>
/// Where an element stands among the statements, as <c>context.LastError.Path</c> says it: <c>choose[1]\when[2]\set-header[1]</c>. Neither the
/// root nor a section is part of it.
/// </summary>
internal static class PolicyPath
{
    public static string Of(PolicyElement? element)
    {
        var path = "";
        for (; element is not null && !IsFrame(element); element = element.Parent)
        {
            path = Join($"{element.Name}[{element.Index}]", path);
        }

        return path;
    }

    /// <summary>With the section before it, which is all there is for what is wrong with the section itself.</summary>
    public static string WithSection(PolicyElement? element)
    {
        var frame = element;
        while (frame is not null && !IsFrame(frame))
        {
            frame = frame.Parent;
        }

        return Join(frame?.Parent is null ? "" : frame.Name, Of(element));
    }

    public static string Join(string outer, string inner) => outer.Length == 0 ? inner : inner.Length == 0 ? outer : $"{outer}\\{inner}";

    private static bool IsFrame(PolicyElement element) =>
        element.Parent is not { } parent || (parent.Parent is null && parent.Name == "policies");
}
