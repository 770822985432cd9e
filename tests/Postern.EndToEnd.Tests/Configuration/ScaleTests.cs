using System.Text.Json.Nodes;
using Postern.Testing;

namespace Postern.EndToEnd.Tests.Configuration;

/// <summary>Large services. A class of its own, because it takes longer than the others.</summary>
public sealed class ScaleTests(ConfigurationPlane plane)
{
    [Fact]
    public async Task A_thousand_APIs_go_in_and_out()
    {
        const int Apis = 1000;
        using var folder = new TemporaryFolder();
        var service = await plane.CreateServiceAsync();
        for (var i = 0; i < Apis; i++)
        {
            var operations = new JsonObject { ["/a"] = new JsonObject { ["get"] = Operation("a") }, ["/b"] = new JsonObject { ["post"] = Operation("b") } };
            var definition = new JsonObject { ["openapi"] = "3.0.1", ["info"] = new JsonObject { ["title"] = $"API {i}", ["version"] = "1" }, ["paths"] = operations };
            var api = new JsonObject { ["displayName"] = $"API {i}", ["path"] = $"api{i}", ["serviceUrl"] = $"https://b.example/{i}" };
            Write(folder, $"apis/api{i}/apiInformation.json", new JsonObject { ["properties"] = api }.ToJsonString());
            Write(folder, $"apis/api{i}/specification.json", definition.ToJsonString());
            Write(folder, $"apis/api{i}/policy.xml", FullService.Policy($"<set-header name=\"x\"><value>{i}</value></set-header>"));
        }

        var clock = System.Diagnostics.Stopwatch.StartNew();
        Assert.Empty((await plane.ImportAsync(service, folder.Path)).Failed);
        var imported = clock.Elapsed;
        var plan = await plane.PlanAsync(service, folder.Path);
        Assert.Empty(plan.Steps);
        Assert.Equal(Apis * 4, plan.Unchanged);
        var compared = clock.Elapsed - imported;
        using var copy = new TemporaryFolder();
        var exported = await plane.ExportAsync(service, copy.Path, secrets: false);
        Assert.Equal(Apis, exported.Definitions.Count);
        TestContext.Current.SendDiagnosticMessage($"import {imported}, compare {compared}, export {clock.Elapsed - imported - compared}");
        Assert.True(clock.Elapsed < TimeSpan.FromMinutes(2), $"import {imported}, compare {compared}, all {clock.Elapsed}");
    }

    private static JsonObject Operation(string name) =>
        new() { ["operationId"] = name, ["responses"] = new JsonObject { ["200"] = new JsonObject { ["description"] = "" } } };

    private static void Write(TemporaryFolder folder, string file, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(folder.In(file))!);
        File.WriteAllText(folder.In(file), text);
    }
}
