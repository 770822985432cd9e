namespace Postern.ControlPlane.Access;

/// <summary>Takes <c>Authorization</c> values apart.</summary>
internal static class BearerScheme
{
    public const string Name = "Bearer";

    /// <summary>Scheme and the rest, which is trimmed; both empty when the header is absent.</summary>
    public static (string Scheme, string Value) Split(string? authorization)
    {
        var text = authorization.AsSpan().Trim();
        var blank = text.IndexOfAny(' ', '\t');
        return blank < 0 ? (text.ToString(), "") : (text[..blank].ToString(), text[blank..].Trim().ToString());
    }

    public static bool Is(string scheme, string name) => string.Equals(scheme, name, StringComparison.OrdinalIgnoreCase);
}
