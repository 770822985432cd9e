using System.Text.RegularExpressions;
using Postern.ControlPlane.Publishing.Kinds;
using Postern.ControlPlane.Resources.Policies;
using Postern.Policies;

namespace Postern.ControlPlane.Publishing;

/// <summary>What a policy document needs at the gateway beside itself.</summary>
/// <param name="NamedValues">Display names.</param>
/// <param name="Fragments">Ids as they are written: named values are still to be put in.</param>
/// <param name="AnyBackend">The document computes a backend's id, so that every backend may be meant.</param>
/// <param name="Definition">Policies in it ask what the API's definition says.</param>
/// <param name="Parts">Names by kind, of what is published row by row.</param>
internal sealed partial record DocumentUse(
    IReadOnlyList<string> NamedValues, IReadOnlyList<string> Fragments, IReadOnlyList<string> Backends, bool AnyBackend,
    DefinitionUse Definition, IReadOnlyDictionary<PublishedKind, IReadOnlyList<string>> Parts)
{
    public static DocumentUse Of(string text)
    {
        var backends = BackendId().Matches(text).Select(match => match.Groups[2].Value).Distinct(StringComparer.OrdinalIgnoreCase).ToList();
        return new(
            [.. NamedValueReferences.NamesIn(text)],
            [.. StoredReferences.FragmentsIn(text)],
            backends,
            backends.Exists(id => id.Contains('@', StringComparison.Ordinal) || id.Contains("{{", StringComparison.Ordinal)),
            DefinitionUses.In(text),
            PublishedKinds.NamedIn(text));
    }

    [GeneratedRegex("""\bbackend-id\s*=\s*(["'])([^"']*)\1""", RegexOptions.CultureInvariant)]
    private static partial Regex BackendId();
}
