using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Postern.EndToEnd.Tests.Configuration;

/// <summary>
/// What APIOps' publisher (7.0.0) makes of a folder: which files it takes for which resource, what it sends, in which order. Order within
/// a step is chance there; here it is one in which what a resource names is there.
/// </summary>
internal sealed partial class PublisherWalk(ConfigurationPlane plane, string service, string folder, JsonObject overrides)
{
    /// <summary>File of a resource by itself: its place in the folder, its collection in the service, its section of a configuration file.</summary>
    private static readonly (string Place, string Collection, string Section)[] Kinds =
    [
        ("named values/*/namedValueInformation.json", "namedValues", "namedValues"),
        ("tags/*/tagInformation.json", "tags", "tags"),
        ("version sets/*/versionSetInformation.json", "apiVersionSets", "versionSets"),
        ("groups/*/groupInformation.json", "groups", "groups"),
        ("loggers/*/loggerInformation.json", "loggers", "loggers"),
        ("gateways/*/gatewayInformation.json", "gateways", "gateways"),
        ("backends/*/backendInformation.json", "backends", "backends"),
        ("policy fragments/*/policyFragmentInformation.json", "policyFragments", "policyFragments"),
        ("products/*/productInformation.json", "products", "products"),
        ("apis/*/apiInformation.json", "apis", "apis"),
        ("apis/*/schemas/*/apiSchemaInformation.json", "apis/*/schemas", "schemas"),
        ("apis/*/releases/*/apiReleaseInformation.json", "apis/*/releases", "releases"),
        ("diagnostics/*/diagnosticInformation.json", "diagnostics", "diagnostics"),
        ("apis/*/diagnostics/*/diagnosticInformation.json", "apis/*/diagnostics", "diagnostics"),
        ("products/*/apis/*/productApiInformation.json", "products/*/apis", ""),
        ("products/*/groups/*/productGroupInformation.json", "products/*/groupLinks", ""),
        ("gateways/*/apis/*/gatewayApiInformation.json", "gateways/*/apis", ""),
        ("tags/*/apis/*/tagApiInformation.json", "apis/*/tags", ""),
        ("tags/*/products/*/tagProductInformation.json", "products/*/tags", ""),
        ("policy.xml", "policies", ""),
        ("products/*/policy.xml", "products/*/policies", ""),
        ("apis/*/policy.xml", "apis/*/policies", ""),
        ("apis/*/operations/*/policy.xml", "apis/*/operations/*/policies", ""),
        ("subscriptions/*/subscriptionInformation.json", "subscriptions", "subscriptions"),
    ];

    /// <summary>Those of the files that the publisher takes for something.</summary>
    public static bool IsTaken(string file) => Kinds.Any(kind => Match(kind.Place, file) is not null) || Specification().IsMatch(file) || Match("policy fragments/*/policy.xml", file) is not null;

    public async Task PublishAsync()
    {
        var files = Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(folder, file)).Order(StringComparer.Ordinal).ToList();
        foreach (var kind in Kinds)
        {
            var found = from file in files let names = Match(kind.Place, file) where names is not null orderby Lateness(file) select (File: file, Names: names);
            foreach (var (file, names) in found)
            {
                await PutAsync(kind.Collection, kind.Section, file, names);
            }
        }
    }

    private static string[]? Match(string place, string file)
    {
        var match = Regex.Match(file, $"^{Regex.Escape(place).Replace("\\*", "([^/]+)", StringComparison.Ordinal)}$");
        return match.Success ? [.. match.Groups.Values.Skip(1).Select(group => group.Value)] : null;
    }

    /// <summary>Revisions after their API; pools and fragments after what they name.</summary>
    private int Lateness(string file) =>
        file.Contains(";rev=", StringComparison.Ordinal) || File.ReadAllText(Path.Combine(folder, file)).Contains("\"Pool\"", StringComparison.Ordinal)
            || (Match("policy fragments/*/policyFragmentInformation.json", file) is not null && Read(Path.Combine(Path.GetDirectoryName(file)!, "policy.xml")).Contains("<include-fragment", StringComparison.Ordinal)) ? 1 : 0;

    private async Task PutAsync(string collection, string section, string file, string[] names)
    {
        var isPolicy = file.EndsWith(".xml", StringComparison.Ordinal);
        var body = isPolicy ? Policy(Read(file)) : (JsonObject)JsonNode.Parse(Read(file))!;
        Override(body, section, names[^(names.Length == 0 ? 0 : 1)..]);
        switch (collection)
        {
            case "namedValues" when body["properties"]!["secret"]?.GetValue<bool>() == true && body["properties"]!["value"] is null:
                return; // The publisher leaves out what it has no value of.
            case "policyFragments":
                Merge(body, Policy(Read(Path.Combine(Path.GetDirectoryName(file)!, "policy.xml"))));
                break;
            case "products":
                await PutProductAsync(names[0], body);
                return;
            case "apis":
                await PutApiAsync(names[0], body);
                return;
            case "products/*/groupLinks":
                Assert.EndsWith("/" + names[1], (string?)body["properties"]!["groupId"], StringComparison.Ordinal); // Else the file is passed over.
                await SendAsync($"products/{names[0]}/groupLinks/{(string)body["name"]!}", body);
                return;
            case "apis/*/tags" or "products/*/tags":
                await SendAsync($"{collection.Replace("*", names[1], StringComparison.Ordinal)}/{names[0]}", []);
                return;
            case "products/*/apis" or "gateways/*/apis":
                body = [];
                break;
        }

        var path = collection;
        foreach (var name in names[..(isPolicy ? names.Length : names.Length - 1)])
        {
            var star = path.IndexOf('*', StringComparison.Ordinal);
            path = path[..star] + name + path[(star + 1)..];
        }

        await SendAsync($"{path}/{(isPolicy ? "policy" : names[^1])}", body);
    }

    /// <summary>Once as it is, once more with the definition. Revisions take from the current one what must not differ.</summary>
    private async Task PutApiAsync(string name, JsonObject body)
    {
        if (name.Contains(";rev=", StringComparison.Ordinal))
        {
            var current = await plane.SendAsync(HttpMethod.Get, $"{service}/apis/{name.Split(';')[0]}");
            foreach (var member in (string[])["displayName", "type", "description", "subscriptionRequired", "apiVersion", "apiRevisionDescription", "path", "protocols"])
            {
                body["properties"]![member] = current["properties"]![member]?.DeepClone();
            }
        }

        await SendAsync($"apis/{name}", body);
        if (Directory.EnumerateFiles(Path.Combine(folder, "apis", name), "specification.*").SingleOrDefault() is not { } file)
        {
            return;
        }

        var text = await File.ReadAllTextAsync(file);
        if (file.EndsWith(".graphql", StringComparison.Ordinal))
        {
            await SendAsync($"apis/{name}/schemas/graphql", new()
            {
                ["properties"] = new JsonObject { ["contentType"] = "application/vnd.ms-azure-apim.graphql.schema", ["document"] = new JsonObject { ["value"] = text } },
            });
            return;
        }

        Merge(body, new() { ["properties"] = new JsonObject { ["format"] = file.EndsWith(".json", StringComparison.Ordinal) ? "openapi+json" : "openapi", ["value"] = text } });
        await SendAsync($"apis/{name}", body);
    }

    /// <summary>A new product loses what the service gave it by itself.</summary>
    private async Task PutProductAsync(string name, JsonObject body)
    {
        await SendAsync($"products/{name}", body);
        var own = await plane.SendAsync(HttpMethod.Get, $"{service}/subscriptions?$filter=endswith(Scope,%20'{name}')");
        foreach (var subscription in own["value"]!.AsArray())
        {
            await plane.SendAsync(HttpMethod.Delete, $"{service}/subscriptions/{subscription!["name"]}");
        }

        foreach (var link in (await plane.SendAsync(HttpMethod.Get, $"{service}/products/{name}/groupLinks"))["value"]!.AsArray())
        {
            await plane.SendAsync(HttpMethod.Delete, $"{service}/products/{name}/groupLinks/{link!["name"]}");
        }
    }

    private Task<JsonObject> SendAsync(string path, JsonObject body) =>
        plane.SendAsync(HttpMethod.Put, $"{service}/{string.Join('/', path.Split('/').Select(Uri.EscapeDataString))}", body);

    private string Read(string file) => File.ReadAllText(Path.Combine(folder, file));

    private static JsonObject Policy(string text) => new() { ["properties"] = new JsonObject { ["format"] = "rawxml", ["value"] = text } };

    private void Override(JsonObject body, string section, string[] name)
    {
        if (name.Length == 1 && overrides[section] is JsonArray items && items.FirstOrDefault(item => (string?)item!["name"] == name[0]) is JsonObject item)
        {
            Merge(body, new() { ["properties"] = item["properties"]!.DeepClone() });
        }
    }

    private static void Merge(JsonObject body, JsonObject more)
    {
        foreach (var (name, value) in more)
        {
            if (value is JsonObject inner && body[name] is JsonObject own)
            {
                Merge(own, inner);
            }
            else
            {
                body[name] = value?.DeepClone();
            }
        }
    }

    [GeneratedRegex(@"^apis/[^/]+/specification\.(yaml|json|graphql|wsdl|wadl)$")]
    private static partial Regex Specification();
}
