using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Postern.Snapshots;

namespace Postern.ControlPlane.Tests.Conformance;

/// <summary>Replays the official request and answer examples (see ArmExamples/SOURCES.md).</summary>
public sealed partial class ConformanceTests(RunningControlPlane plane, DefinitionHost definitions) : IClassFixture<DefinitionHost>
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "ArmExamples");

    public static TheoryData<string> Files => [.. Examples.Replayed.Select(example => example.File)];

    [Fact]
    public void Every_official_example_is_replayed_or_listed_with_the_reason_why_not()
    {
        var files = Directory.GetFiles(Folder, "*.json").Select(Path.GetFileNameWithoutExtension).Order(StringComparer.Ordinal);

        Assert.Equal(files, Examples.Replayed.Select(example => example.File).Concat(Examples.NotReplayed.Keys).Order(StringComparer.Ordinal));
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
            await plane.SendAsync(HttpMethod.Delete, service);
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
        if (shown["value"] is not JsonArray items)
        {
            await plane.PutPropertiesAsync(path, (JsonObject)shown["properties"]!.DeepClone());
            return;
        }

        foreach (var item in items)
        {
            await plane.PutPropertiesAsync($"{path}/{((string)item!["id"]!).Split('/')[^1]}", (JsonObject)item["properties"]!.DeepClone());
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
        return (JsonObject)JsonNode.Parse(Service().Replace(text, service))!;
    }

    private static string Fill(string path, JsonObject parameters) => Parameter().Replace(path, match => parameters[match.Groups[1].Value]!.ToString());

    [GeneratedRegex("/subscriptions/[^/\"]+/resource[gG]roups/[^/\"]+/providers/Microsoft.ApiManagement/service/[^/\"?]+")]
    private static partial Regex Service();

    [GeneratedRegex(@"\{(\w+)\}")]
    private static partial Regex Parameter();
}
