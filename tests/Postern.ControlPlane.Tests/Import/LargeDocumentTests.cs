using System.Diagnostics;
using System.Text.Json.Nodes;

namespace Postern.ControlPlane.Tests.Import;

/// <summary>A document as large as what cloud providers publish: some 3 MB with two thousand operations.</summary>
public sealed class LargeDocumentTests(RunningControlPlane plane)
{
    private const int Operations = 2000;

    /// <summary>On an idle machine it is two or three.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    [Theory]
    [InlineData("openapi+json")]
    [InlineData("openapi")]
    public async Task Three_megabytes_are_imported_in_seconds(string format)
    {
        var service = await plane.CreateServiceAsync();
        var document = Document();
        var text = document.ToJsonString();
        Assert.InRange(text.Length, 2_800_000, 4_000_000);
        if (format == "openapi")
        {
            text = Postern.ControlPlane.Import.JsonToYaml.Write(document);
        }

        var started = Stopwatch.GetTimestamp();
        await plane.PutPropertiesAsync($"{service}/apis/large", new() { ["path"] = "large", ["format"] = format, ["value"] = text });
        var took = Stopwatch.GetElapsedTime(started);

        var (_, operations) = await plane.GetAsync($"{service}/apis/large/operations?$top=1");
        Assert.Equal(Operations, (int)operations["count"]!);
        Assert.True(took < Limit, $"{took} for {text.Length} characters");
        TestContext.Current.SendDiagnosticMessage("{0}: {1} characters, {2} operations, {3:F1} s", format, text.Length, Operations, took.TotalSeconds);
    }

    private static JsonObject Document()
    {
        var paths = new JsonObject();
        var schemas = new JsonObject();
        for (var i = 0; i < Operations / 2; i++)
        {
            paths[$"/subscriptions/{{subscription}}/things-{i}/{{id}}"] = new JsonObject { ["get"] = Operation($"Things{i}_Get", i), ["put"] = Operation($"Things{i}_Put", i) };
            schemas[$"Thing{i}"] = new JsonObject
            {
                ["type"] = "object",
                ["description"] = new string('d', 500),
                ["properties"] = new JsonObject
                {
                    ["name"] = new JsonObject { ["type"] = "string", ["maxLength"] = 80 },
                    ["parent"] = new JsonObject { ["$ref"] = $"#/components/schemas/Thing{i / 2}" },
                },
            };
        }

        return new()
        {
            ["openapi"] = "3.0.1",
            ["info"] = new JsonObject { ["title"] = "Large", ["version"] = "2024-05-01" },
            ["servers"] = new JsonArray(new JsonObject { ["url"] = "https://large.example/api" }),
            ["paths"] = paths,
            ["components"] = new JsonObject { ["schemas"] = schemas },
        };
    }

    private static JsonObject Operation(string id, int schema) => new()
    {
        ["operationId"] = id,
        ["summary"] = id,
        ["description"] = new string('o', 450),
        ["parameters"] = new JsonArray(Parameter("subscription", "path"), Parameter("id", "path"), Parameter("api-version", "query")),
        ["responses"] = new JsonObject
        {
            ["200"] = new JsonObject
            {
                ["description"] = "A thing.",
                ["content"] = new JsonObject
                {
                    ["application/json"] = new JsonObject { ["schema"] = new JsonObject { ["$ref"] = $"#/components/schemas/Thing{schema}" } },
                },
            },
        },
    };

    private static JsonObject Parameter(string name, string place) => new()
    {
        ["name"] = name,
        ["in"] = place,
        ["required"] = true,
        ["description"] = $"The {name} of what is asked for.",
        ["schema"] = new JsonObject { ["type"] = "string" },
    };
}
