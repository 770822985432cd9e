using System.Diagnostics.CodeAnalysis;

namespace Postern.Gateway.Settings;

/// <summary>The gateway token as people paste it: with or without its scheme word, with blanks and line ends around it.</summary>
internal static class GatewayTokenText
{
    public const string Shape = "give 'GatewayKey <gateway id>&<yyyyMMddHHmm>&<signature>' without blanks in it";

    private const string Scheme = "GatewayKey ";

    public static bool HasScheme(string text) => text.TrimStart().StartsWith(Scheme, StringComparison.OrdinalIgnoreCase);

    /// <param name="token">With the scheme word.</param>
    /// <param name="gatewayId">Its first field.</param>
    public static bool TryNormalise(string text, [NotNullWhen(true)] out string? token, [NotNullWhen(true)] out string? gatewayId)
    {
        var trimmed = text.Trim();
        var bare = HasScheme(trimmed) ? trimmed[Scheme.Length..].Trim() : trimmed;
        var fields = bare.Split('&');
        var good = fields.Length >= 3 && fields[0].Length > 0 && !bare.Any(char.IsWhiteSpace);
        token = good ? Scheme + bare : null;
        gatewayId = good ? fields[0] : null;
        return good;
    }
}
