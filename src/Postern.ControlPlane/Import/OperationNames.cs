using System.Text;

namespace Postern.ControlPlane.Import;

/// <summary>Resource names of imported operations: the document's id where it has one, else method and path; unique within the API.</summary>
internal sealed class OperationNames
{
    private const int Longest = 80;

    private readonly HashSet<string> _used = new(StringComparer.OrdinalIgnoreCase);

    public string Next(string? operationId, string method, string path)
    {
        var name = Clean(string.IsNullOrWhiteSpace(operationId) ? $"{method.ToLowerInvariant()}-{path}" : operationId);
        var unique = name;
        for (var n = 2; !_used.Add(unique); n++)
        {
            var suffix = $"-{n}";
            unique = name[..Math.Min(name.Length, Longest - suffix.Length)] + suffix;
        }

        return unique;
    }

    private static string Clean(string text)
    {
        var name = new StringBuilder(text.Length);
        foreach (var c in text)
        {
            if (char.IsLetterOrDigit(c) || c is '_' or '.')
            {
                name.Append(c);
            }
            else if (name.Length > 0 && name[^1] != '-')
            {
                name.Append('-');
            }
        }

        var clean = name.ToString().Trim('-', '.');
        return clean.Length == 0 ? "operation" : clean[..Math.Min(clean.Length, Longest)];
    }
}
