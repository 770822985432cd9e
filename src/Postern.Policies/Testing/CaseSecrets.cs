using System.Security.Cryptography.X509Certificates;
using System.Text.RegularExpressions;

namespace Postern.Policies.Testing;

/// <summary>
/// Keys, certificates and tokens that a case asks for. They are made anew for every run, so no case file holds a secret or goes out of
/// date; texts name them as <c>${token:alice}</c>.
/// </summary>
internal sealed partial class CaseSecrets
{
    private readonly Dictionary<string, CaseKey> _keys = new(StringComparer.Ordinal);
    private readonly Dictionary<string, X509Certificate2> _certificates = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _tokens = new(StringComparer.Ordinal);

    /// <summary>In the order of the file: a token needs its key, a certificate its issuer.</summary>
    public static CaseSecrets Of(PolicyCase @case)
    {
        var secrets = new CaseSecrets();
        foreach (var block in @case.Blocks.Where(block => block.Kind is "key" or "certificate" or "token"))
        {
            var words = new CaseWords(block.Argument);
            switch (block.Kind)
            {
                case "key":
                    secrets._keys[words[0]] = CaseKey.Create(words[0], words[1]);
                    break;
                case "certificate":
                    secrets._certificates[words[0]] = CaseCertificate.Create(block.Text.Trim(), words,
                        words["issuer"] is { } issuer ? secrets._certificates[issuer] : null);
                    break;
                default:
                    secrets._tokens[words[0]] = CaseToken.Create(block.Text, words, secrets.Key);
                    break;
            }
        }

        return secrets;
    }

    public X509Certificate2 Certificate(string name) => _certificates[name];

    /// <summary>The case with the names of secrets replaced by what they stand for.</summary>
    public PolicyCase Resolve(PolicyCase @case) => _keys.Count + _certificates.Count + _tokens.Count == 0
        ? @case
        : @case.With([.. @case.Blocks.Select(block => block with { Lines = [.. block.Lines.Select(line => Reference().Replace(line, Text))] })]);

    private CaseKey Key(string name) => _keys.TryGetValue(name, out var key) ? key : CaseKey.From(name, _certificates[name]);

    private string Text(Match match)
    {
        var name = match.Groups["name"].Value;
        return match.Groups["kind"].Value switch
        {
            "token" => _tokens[name],
            "keys" => $"{{\"keys\":[{string.Join(',', name.Split(',').Select(key => Key(key).Published()))}]}}",
            "secret" => Key(name).Secret,
            "n" => Key(name).Modulus,
            "e" => Key(name).Exponent,
            "thumbprint" => _certificates[name].Thumbprint,
            "serial" => _certificates[name].SerialNumber,
            var other => throw new FormatException($"'${{{other}:…}}' names nothing that a case knows."),
        };
    }

    [GeneratedRegex(@"\$\{(?<kind>[a-z]+):(?<name>[^}]+)\}", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Reference();
}

/// <summary>Words of a block's head: some by place, some <c>name=value</c>.</summary>
internal sealed class CaseWords(string text)
{
    private readonly string[] _words = text.Split(' ', StringSplitOptions.RemoveEmptyEntries);

    public string this[int place] => _words[place];

    public string? this[string name] => _words.FirstOrDefault(word => word.StartsWith($"{name}=", StringComparison.Ordinal))?[(name.Length + 1)..];

    public bool Has(string word) => _words.Contains(word, StringComparer.Ordinal);
}
