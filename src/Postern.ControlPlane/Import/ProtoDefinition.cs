using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Postern.ControlPlane.Import;

/// <summary>A proto file for pass-through gRPC: one POST operation per method at <c>/{package}.{Service}/{Method}</c>. The file is kept as the API's schema.</summary>
internal static partial class ProtoDefinition
{
    public static (ImportedApi? Api, string? Problem) Read(string text)
    {
        var code = Comment().Replace(text, " ");
        var package = Package().Match(code) is { Success: true } match ? match.Groups[1].Value + "." : "";
        var names = new OperationNames();
        var operations = new List<KeyValuePair<string, JsonObject>>();
        foreach (Match service in Service().Matches(code))
        {
            foreach (Match method in Method().Matches(Body(code, service.Index + service.Length)))
            {
                var path = $"/{package}{service.Groups[1].Value}/{method.Groups[1].Value}";
                operations.Add(new(names.Next(method.Groups[1].Value, "POST", path), new()
                {
                    ["displayName"] = method.Groups[1].Value,
                    ["method"] = "POST",
                    ["urlTemplate"] = path,
                    ["templateParameters"] = new JsonArray(),
                    ["responses"] = new JsonArray(),
                }));
            }
        }

        if (operations.Count == 0)
        {
            return (null, "The document is no proto file with a service: it has no 'service … { rpc … }'.");
        }

        var schema = new JsonObject { ["contentType"] = "text/protobuf", ["document"] = new JsonObject { ["value"] = text } };
        return (new(null, null, null, operations, [new("grpc", schema)]), null);
    }

    /// <summary>From after the opening brace to the one that closes it.</summary>
    private static string Body(string code, int start)
    {
        var depth = 1;
        for (var i = start; i < code.Length; i++)
        {
            depth += code[i] switch { '{' => 1, '}' => -1, _ => 0 };
            if (depth == 0)
            {
                return code[start..i];
            }
        }

        return code[start..];
    }

    [GeneratedRegex(@"//[^\n]*|/\*.*?\*/", RegexOptions.Singleline | RegexOptions.CultureInvariant, 2000)]
    private static partial Regex Comment();

    [GeneratedRegex(@"\bpackage\s+([\w.]+)\s*;", RegexOptions.CultureInvariant, 2000)]
    private static partial Regex Package();

    [GeneratedRegex(@"\bservice\s+(\w+)\s*\{", RegexOptions.CultureInvariant, 2000)]
    private static partial Regex Service();

    [GeneratedRegex(@"\brpc\s+(\w+)\s*\(", RegexOptions.CultureInvariant, 2000)]
    private static partial Regex Method();
}
