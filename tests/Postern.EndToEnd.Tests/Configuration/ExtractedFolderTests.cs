using System.Text.Json.Nodes;
using Postern.Configuration.Import;
using Postern.Testing;

namespace Postern.EndToEnd.Tests.Configuration;

/// <summary>A folder as APIOps' extractor leaves it, with a configuration file for its publisher, goes in as it is.</summary>
public sealed class ExtractedFolderTests(ConfigurationPlane plane)
{
    private static readonly string Here = Path.Combine(GeneratedDocument.Root, "tests/Postern.EndToEnd.Tests/Configuration");
    private static readonly string Folder = Path.Combine(Here, "Extracted");
    private static readonly string Configuration = Path.Combine(Here, "ExtractedConfiguration.yaml");

    [Fact]
    public async Task It_is_imported_once_and_then_nothing_is_left_to_do()
    {
        var service = await plane.CreateServiceAsync();

        var outcome = await plane.ImportAsync(service, Folder, overrides: Configuration);

        Assert.Empty(outcome.Failed.Select(failed => $"{failed.Step.Resource.Path}: {failed.Error}"));
        var api = await plane.SendAsync(HttpMethod.Get, $"{service}/apis/weather-v1");
        Assert.Equal("2", api["properties"]!["apiRevision"]!.ToString());
        Assert.Equal("How it is outside, in the test environment", api["properties"]!["description"]!.ToString());
        Assert.Null(api["properties"]!["serviceUrl"]);
        var old = await plane.SendAsync(HttpMethod.Get, $"{service}/apis/weather-v1;rev=1/operations/today-of-old");
        Assert.Equal("/today", old["properties"]!["urlTemplate"]!.ToString());
        var value = await plane.SendAsync(HttpMethod.Post, $"{service}/namedValues/api-key/listValue");
        Assert.Equal("the-key-of-test", value["value"]!.ToString());
        var diagnostic = await plane.SendAsync(HttpMethod.Get, $"{service}/apis/weather-v1/diagnostics/azuremonitor");
        Assert.Equal($"{service}/loggers/azuremonitor", diagnostic["properties"]!["loggerId"]!.ToString());
        Assert.Equal("verbose", diagnostic["properties"]!["verbosity"]!.ToString());
        var groups = await plane.SendAsync(HttpMethod.Get, $"{service}/products/partners/groups");
        Assert.Equal("partners", Assert.Single(groups["value"]!.AsArray())!["name"]!.ToString());

        var plan = await plane.PlanAsync(service, Folder, overrides: Configuration);
        Assert.Empty(plan.Steps.Select(step => $"{step.Action} {step.Resource.Path} {string.Join(' ', step.Differences.Select(difference => difference.Path))}"));
        Assert.Empty(plan.Problems);
    }

    [Fact]
    public async Task A_secret_that_nobody_gave_is_named_before_anything_is_written()
    {
        var service = await plane.CreateServiceAsync();

        var plan = await plane.PlanAsync(service, Folder);

        var problem = Assert.Single(plan.Problems);
        Assert.Equal("named values/api-key/namedValueInformation.json", problem.File);
        Assert.Contains("namedValues: - name: api-key, properties: value", problem.Message, StringComparison.Ordinal);

        // Once the service has it, its file may go on without it.
        await plane.PutAsync($"{service}/namedValues/api-key", new() { ["displayName"] = "api-key", ["value"] = "set-by-hand", ["secret"] = true });
        Assert.Empty((await plane.ImportAsync(service, Folder)).Failed);
        Assert.Equal("set-by-hand", (await plane.SendAsync(HttpMethod.Post, $"{service}/namedValues/api-key/listValue"))["value"]!.ToString());
    }

    [Fact]
    public async Task Another_current_revision_in_the_folder_becomes_the_services()
    {
        using var folder = new TemporaryFolder();
        var service = await plane.CreateServiceAsync();
        await plane.PutAsync($"{service}/apis/weather-v1", new() { ["path"] = "weather", ["displayName"] = "Weather", ["protocols"] = new JsonArray("https") });
        await plane.PutAsync($"{service}/apis/weather-v1/operations/today-of-old", new() { ["displayName"] = "today-of-old", ["method"] = "GET", ["urlTemplate"] = "/today" });

        var plan = await plane.PlanAsync(service, Folder, overrides: Configuration);
        Assert.Equal("2 (new)", Assert.Single(plan.Steps, step => step.Action == StepAction.MakeCurrent).Reason);
        var outcome = await plane.ImportAsync(service, Folder, delete: true, overrides: Configuration);

        Assert.Empty(outcome.Failed.Select(failed => $"{failed.Step.Resource.Path}: {failed.Error}"));
        Assert.Equal("2", (await plane.SendAsync(HttpMethod.Get, $"{service}/apis/weather-v1"))["properties"]!["apiRevision"]!.ToString());
        Assert.Equal(["today"], await NamesAsync($"{service}/apis/weather-v1/operations"));
        Assert.Equal(["today-of-old"], await NamesAsync($"{service}/apis/weather-v1;rev=1/operations"));
        Assert.Empty((await plane.PlanAsync(service, Folder, delete: true, overrides: Configuration)).Steps.Select(step => $"{step.Action} {step.Resource.Path}"));
    }

    private async Task<IEnumerable<string>> NamesAsync(string collection) =>
        (await plane.SendAsync(HttpMethod.Get, collection))["value"]!.AsArray().Select(item => item!["name"]!.ToString());
}
