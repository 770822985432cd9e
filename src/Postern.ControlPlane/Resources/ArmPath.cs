using System.Text;

namespace Postern.ControlPlane.Resources;

/// <summary>
/// The path of a management call, normalised: percent-decoded segments without empty ones, as clients write doubled slashes at the start
/// and inside. Casing is kept; compare without it.
/// </summary>
/// <param name="Segments">Never empty strings, never <c>.</c> or <c>..</c>, no control characters, no slashes.</param>
internal sealed record ArmPath(IReadOnlyList<string> Segments)
{
    private const int MostSegments = 64;
    private const int LongestSegment = 512;

    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The part before the last <c>/providers/{namespace}</c>, with one slash before each segment; empty for the tenant.</summary>
    public string Scope => ProviderIndex < 0 ? Join(Segments.Count) : Join(ProviderIndex);

    /// <summary>The last provider namespace; empty when there is none.</summary>
    public string Namespace => ProviderIndex < 0 ? "" : Segments[ProviderIndex + 1];

    /// <summary>What follows the last provider namespace: types and names in turn.</summary>
    public IReadOnlyList<string> Tail => ProviderIndex < 0 ? [] : [.. Segments.Skip(ProviderIndex + 2)];

    /// <summary>Index of the last <c>providers</c> segment that has a namespace after it and stands where a type would; -1 when there is none.</summary>
    private int ProviderIndex { get; } = FindProvider(Segments);

    public override string ToString() => Join(Segments.Count);

    /// <param name="rawTarget">Request target as it came over the wire, with or without a query.</param>
    public static ArmPath? Parse(string rawTarget)
    {
        var end = rawTarget.IndexOfAny(['?', '#']);
        var path = end < 0 ? rawTarget : rawTarget[..end];
        var segments = new List<string>();
        foreach (var raw in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            if (Decode(raw) is not { } segment || segments.Count == MostSegments)
            {
                return null;
            }

            segments.Add(segment);
        }

        return new(segments);
    }

    private static string? Decode(string raw)
    {
        var text = raw;
        if (raw.Contains('%'))
        {
            var bytes = new byte[raw.Length];
            var length = 0;
            for (var i = 0; i < raw.Length; i++)
            {
                if (raw[i] != '%')
                {
                    bytes[length++] = raw[i] < 128 ? (byte)raw[i] : (byte)0xFF;
                }
                else if (i + 2 < raw.Length && char.IsAsciiHexDigit(raw[i + 1]) && char.IsAsciiHexDigit(raw[i + 2]))
                {
                    bytes[length++] = Convert.FromHexString(raw.AsSpan(i + 1, 2))[0];
                    i += 2;
                }
                else
                {
                    return null;
                }
            }

            try
            {
                text = Utf8.GetString(bytes, 0, length);
            }
            catch (DecoderFallbackException)
            {
                return null;
            }
        }

        return text is "." or ".." || text.Length > LongestSegment || text.Contains('/') || text.Contains('\\') || text.Any(char.IsControl) || text.Trim().Length == 0
            ? null
            : text;
    }

    private static int FindProvider(IReadOnlyList<string> segments)
    {
        // Types and names alternate, also after each 'providers/{namespace}', so 'providers' is a keyword only at an even distance.
        var found = -1;
        var i = 0;
        while (i + 1 < segments.Count)
        {
            if (string.Equals(segments[i], "providers", StringComparison.OrdinalIgnoreCase))
            {
                found = i;
            }

            i += 2;
        }

        return found;
    }

    private string Join(int count) => string.Concat(Segments.Take(count).Select(segment => "/" + segment));
}
