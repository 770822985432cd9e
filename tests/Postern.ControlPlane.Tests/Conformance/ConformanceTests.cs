using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Postern.Snapshots;

namespace Postern.ControlPlane.Tests.Conformance;

/// <summary>Replays the official request and answer examples (see ArmExamples/SOURCES.md).</summary>
public partial class ConformanceTests(RunningControlPlane plane, DefinitionHost definitions) : IClassFixture<DefinitionHost>
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "ArmExamples");

    public static TheoryData<string> Files => [.. Examples.Replayed.Select(example => example.File)];

    [Fact]
    public void Every_official_example_is_replayed_or_listed_with_the_reason_why_not()
    {
        var files = Directory.GetFiles(Folder, "*.json").Select(Path.GetFileNameWithoutExtension).Order(StringComparer.Ordinal);

        Assert.Equal(files, Examples.Replayed.Select(example => example.File).Concat(Examples.NotReplayed.Keys).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task An_example_of_a_type_that_there_is_not_is_refused_in_the_error_shape()
    {
        Assert.Equal(Examples.NotReplayed.Count(example => example.Value == Examples.NoStandaloneGateways), Examples.Refused.Count);
        foreach (var (file, method, path) in Examples.Refused)
        {
            var parameters = (JsonObject)Read(file, "")["parameters"]!;
            var (status, body) = await plane.SendAsync(method, $"/subscriptions/{RunningControlPlane.SubscriptionId}/{Fill(path, parameters)}", Body(file, parameters));

            Assert.True(status == 404 && (string?)body["error"]!["code"] == "InvalidResourceType", $"{file}: {status} {body}");
        }
    }

    [Theory]
    [MemberData(nameof(Files))]
    public async Task An_official_example_is_answered_as_it_says(string file)
    {
        var example = Examples.Replayed.Single(one => one.File == file);
        var service = await plane.CreateServiceAsync();
        var json = Read(file, service);
        var parameters = (JsonObject)json["parameters"]!;
        var path = Fill(example.Path, parameters);
        foreach (var seed in example.Seeds.Select(seed => Fill(seed, parameters)))
        {
            await plane.PutPropertiesAsync($"{service}/{seed}", ExampleSeeds.Properties(seed));
        }

        var responses = (JsonObject)json["responses"]!;
        if (example.FromAnswer)
        {
            await PutShownAsync($"{service}/{path.Split('?')[0]}", (JsonObject)responses["200"]!["body"]!);
        }

        if (file == "ApiManagementGatewayListTrace")
        {
            await SendTraceAsync(service, parameters, responses["200"]!["body"]!);
        }

        if (example.Path.Length == 0 && example.Method == HttpMethod.Put)
        {
            await plane.SendAsync(HttpMethod.Delete, service, version: RunningControlPlane.BeforeSoftDelete);
        }

        var (status, body) = await plane.SendAsync(
            example.Method, path.Length == 0 ? service : $"{service}/{path}", Body(file, parameters), (string?)parameters["If-Match"]);

        var expected = example.Status ?? responses.Select(response => int.Parse(response.Key, System.Globalization.CultureInfo.InvariantCulture)).First(IsFirst(example));
        Assert.True(expected == status, $"{expected} expected, {status} answered: {body}");
        var shown = responses[status.ToString(System.Globalization.CultureInfo.InvariantCulture)]?["body"] ?? responses.First().Value?["body"];
        if (status != 204 && example.Method != HttpMethod.Delete && example.Method != HttpMethod.Head)
        {
            Assert.Equal([], ExampleComparison.Differences(shown, body, example.Different));
        }
    }

    private static Func<int, bool> IsFirst(ExampleCase example) => code =>
        example.Method == HttpMethod.Put ? code == 201
        : example.Method == HttpMethod.Post ? code is 200 or 204
        : code == 200;

    /// <summary>The example's trace, as the gateway that recorded it sends it.</summary>
    private Task SendTraceAsync(string service, JsonObject parameters, JsonNode shown)
    {
        var trace = new GatewayTrace(
            (string)parameters["parameters"]!["traceId"]!, (string)shown["traceId"]!, "a1",
            JsonSerializer.Deserialize(shown["traceEntries"], SnapshotJson.Default.IReadOnlyDictionaryStringIReadOnlyListTraceEntry)!);
        return plane.PostAsGatewayAsync(service, (string)parameters["gatewayId"]!, "traces", new("one", [trace], 0), SnapshotJson.Default.TraceBatch);
    }

    private async Task PutShownAsync(string path, JsonObject shown)
    {
        if (shown["sku"] is not null)
        {
            await plane.SendAsync(HttpMethod.Delete, path.TrimEnd('/'), version: RunningControlPlane.BeforeSoftDelete);
            await plane.PutAsync(path.TrimEnd('/'), (JsonObject)shown.DeepClone());
            return;
        }

        if (shown["value"] is not JsonArray items)
        {
            await plane.PutPropertiesAsync(path, (JsonObject)shown["properties"]!.DeepClone());
            return;
        }

        foreach (var item in items)
        {
            var name = ((string)item!["id"]!).Split('/')[^1];
            var properties = (JsonObject)item["properties"]!.DeepClone();
            if (path.Contains("/gateways/", StringComparison.Ordinal) && path.EndsWith("/apis", StringComparison.Ordinal))
            {
                await plane.PutPropertiesAsync($"{path[..path.IndexOf("/gateways/", StringComparison.Ordinal)]}/apis/{name}", properties);
                properties = [];
            }

            await plane.PutPropertiesAsync($"{path}/{name}", properties);
        }
    }

    private JsonObject? Body(string file, JsonObject parameters)
    {
        if (parameters["parameters"]?.DeepClone() is not JsonObject body)
        {
            return null;
        }

        if (body["properties"] is JsonObject properties)
        {
            if (((string?)properties["format"])?.Contains("-link", StringComparison.Ordinal) == true)
            {
                properties["value"] = new Uri(definitions.Address, new Uri((string)properties["value"]!).Segments[^1]).AbsoluteUri;
            }

            if (file == "ApiManagementCreateCertificate")
            {
                properties["data"] = ExampleSeeds.CertificateData;
            }
        }

        if (body["expiry"] is not null)
        {
            body["expiry"] = TimeProvider.System.GetUtcNow().AddDays(20).ToString("O");
        }

        return body;
    }

    private static JsonObject Read(string file, string service)
    {
        var text = File.ReadAllText(Path.Combine(Folder, file + ".json"));
        return (JsonObject)JsonNode.Parse(service.Length == 0 ? text : Service().Replace(text, service))!;
    }

    private static string Fill(string path, JsonObject parameters) => Parameter().Replace(path, match => parameters[match.Groups[1].Value]!.ToString());

    [GeneratedRegex("/subscriptions/[^/\"]+/resource[gG]roups/[^/\"]+/providers/Microsoft.ApiManagement/service/[^/\"?]+")]
    private static partial Regex Service();

    [GeneratedRegex(@"\{(\w+)\}")]
    private static partial Regex Parameter();
}
