using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace Postern.ControlPlane.ConfigurationApi;

/// <summary>Chooses a content encoding that the caller accepts.</summary>
internal static class ContentEncoding
{
    private static readonly string[] Preferred = ["br", "gzip"];

    /// <returns><c>br</c>, <c>gzip</c> or empty for none.</returns>
    public static string Choose(StringValues acceptEncoding)
    {
        if (!StringWithQualityHeaderValue.TryParseList(acceptEncoding, out var accepted))
        {
            return "";
        }

        return Preferred
            .Select(name => (Name: name, Quality: Quality(accepted, name)))
            .Where(choice => choice.Quality > 0)
            .OrderByDescending(choice => choice.Quality)
            .Select(choice => choice.Name)
            .FirstOrDefault() ?? "";
    }

    private static double Quality(IList<StringWithQualityHeaderValue> accepted, string name) =>
        (accepted.FirstOrDefault(value => value.Value.Equals(name, StringComparison.OrdinalIgnoreCase))
            ?? accepted.FirstOrDefault(value => value.Value == "*")) is { } value
            ? value.Quality ?? 1
            : 0;
}
