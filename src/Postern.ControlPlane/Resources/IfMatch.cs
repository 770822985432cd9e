namespace Postern.ControlPlane.Resources;

/// <summary>The precondition of a write. Clients send back what they got, with or without quotes, or <c>*</c>.</summary>
/// <param name="Tag">Unquoted; null when the header was absent or empty.</param>
internal readonly record struct IfMatch(string? Tag)
{
    public bool IsAny => Tag == "*";

    /// <summary>The tag that the resource must have; null when any will do.</summary>
    public string? Exact => IsAny ? null : Tag;

    public static IfMatch From(string? header)
    {
        var text = header?.Trim() ?? "";
        if (text.StartsWith("W/", StringComparison.Ordinal))
        {
            text = text[2..];
        }

        text = text.Trim('"');
        return new(text.Length == 0 ? null : text);
    }
}
