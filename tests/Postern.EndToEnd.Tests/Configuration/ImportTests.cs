using System.Text.Json.Nodes;
using Postern.Configuration.Folder;
using Postern.Configuration.Import;
using Postern.Testing;

namespace Postern.EndToEnd.Tests.Configuration;

/// <summary>What an import changes, what it leaves alone, and how it fails.</summary>
public sealed class ImportTests(ConfigurationPlane plane)
{
    [Fact]
    public async Task A_changed_file_changes_its_resource_and_nothing_else()
    {
        using var folder = new TemporaryFolder();
        var service = await plane.CreateServiceAsync();
        await FullService.FillAsync(plane, service, "lab-change");
        await plane.ExportAsync(service, folder.Path, secrets: false);
        Assert.Empty((await plane.PlanAsync(service, folder.Path)).Steps.Select(step => $"{step.Action} {step.Resource.Path}"));

        Edit(folder.In("products/starter/productInformation.json"), "\"Starter\"", "\"Beginner\"");
        Edit(folder.In("products/starter/policy.xml"), "300", "30");
        Edit(folder.In("apis/pets/specification.yaml"), "description: Made", "description: Done");
        Edit(folder.In("backends/one/backendInformation.json"), "{{host}}/one", "{{host}}/uno");
        File.Delete(folder.In("subscriptions/pets/subscriptionInformation.json"));
        var plan = await plane.PlanAsync(service, folder.Path);

        Assert.Equal(
            ["apis/pets/operations/create-pet", "backends/one", "products/starter", "products/starter/policies/policy"],
            plan.Steps.Select(step => step.Resource.Path).Order(StringComparer.Ordinal));
        Assert.Contains("subscriptions/pets", plan.Kept);
        using var output = new StringWriter();
        new PlanPrinter(output).Print(plan);
        Assert.Contains("displayName: \"Starter\" → \"Beginner\"", output.ToString(), StringComparison.Ordinal);
        Assert.Contains("responses[0].description: \"Made\" → \"Done\"", output.ToString(), StringComparison.Ordinal);
        Assert.Contains("-     <rate-limit calls=\"300\"", output.ToString(), StringComparison.Ordinal);
        Assert.Contains("+     <rate-limit calls=\"30\"", output.ToString(), StringComparison.Ordinal);

        var outcome = await plane.ImportAsync(service, folder.Path, delete: true);
        Assert.Empty(outcome.Failed.Select(failed => $"{failed.Step.Resource.Path}: {failed.Error}"));
        Assert.Equal(5, outcome.Done.Count);
        Assert.Equal("subscriptions/pets", Assert.Single(outcome.Done, step => step.Action == StepAction.Delete).Resource.Path);
        var backend = await plane.SendAsync(HttpMethod.Get, $"{service}/backends/one");
        Assert.Equal("function-key", backend["properties"]!["credentials"]!["header"]!["x-functions-key"]![0]!.ToString());
        Assert.Equal("basic-parameter", backend["properties"]!["credentials"]!["authorization"]!["parameter"]!.ToString());
        Assert.Empty((await plane.PlanAsync(service, folder.Path, delete: true)).Steps);
    }

    [Fact]
    public async Task Fragments_are_written_after_those_that_they_include_and_deleted_before_them()
    {
        using var folder = new TemporaryFolder();
        var service = await plane.CreateServiceAsync();
        const int count = 8;
        for (var i = 0; i < count; i++)
        {
            var path = Directory.CreateDirectory(folder.In($"policy fragments/f{i}")).FullName;
            await File.WriteAllTextAsync(Path.Combine(path, "policyFragmentInformation.json"), "{ \"properties\": { } }");
            await File.WriteAllTextAsync(Path.Combine(path, "policy.xml"), i == count - 1 ? "<fragment />" : $"<fragment><include-fragment fragment-id=\"F{i + 1}\" /></fragment>");
        }

        var written = await plane.ImportAsync(service, folder.Path);
        Assert.Empty(written.Failed.Select(failed => $"{failed.Step.Resource.Path}: {failed.Error}"));
        Assert.Equal(count, written.Done.Count(step => step.Resource.Path.StartsWith("policyFragments/", StringComparison.Ordinal)));

        Directory.Delete(folder.In("policy fragments"), recursive: true);
        var deleted = await plane.ImportAsync(service, folder.Path, delete: true);
        Assert.Empty(deleted.Failed.Where(failed => failed.Step.Resource.Path.StartsWith("policyFragments/", StringComparison.Ordinal)).Select(failed => $"{failed.Step.Resource.Path}: {failed.Error}"));
        Assert.Equal(count, deleted.Done.Count(step => step.Resource.Path.StartsWith("policyFragments/", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task An_export_without_secrets_holds_none()
    {
        using var folder = new TemporaryFolder();
        var service = await plane.CreateServiceAsync();
        await FullService.FillAsync(plane, service, "lab-secret");
        var keys = await plane.SendAsync(HttpMethod.Post, $"{service}/subscriptions/ada/listSecrets");
        string[] secrets =
            ["hidden-password", "function-key", "basic-parameter", "hub-key", "redis-password", "pfx-password", keys["primaryKey"]!.ToString(), keys["secondaryKey"]!.ToString()];

        await plane.ExportAsync(service, folder.Path, secrets: false);

        Assert.All(
            Directory.EnumerateFiles(folder.Path, "*", SearchOption.AllDirectories),
            file => Assert.DoesNotContain(secrets, secret => File.ReadAllText(file).Contains(secret, StringComparison.Ordinal)));

        // With them, they are in one file that only its owner can read.
        await plane.ExportAsync(service, folder.Path, secrets: true);
        var kept = folder.In(FolderLayout.SecretsFile);
        Assert.All(secrets, secret => Assert.Contains(secret, File.ReadAllText(kept), StringComparison.Ordinal));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(kept));
        Assert.All(
            Directory.EnumerateFiles(folder.Path, "*.json", SearchOption.AllDirectories),
            file => Assert.DoesNotContain(secrets, secret => File.ReadAllText(file).Contains(secret, StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Everything_that_fails_is_told_with_its_file_and_the_rest_is_written()
    {
        using var folder = new TemporaryFolder();
        var service = await plane.CreateServiceAsync();
        Write(folder, "named values/good/namedValueInformation.json", """{"properties": {"displayName": "good", "value": "1"}}""");
        Write(folder, "products/bad/productInformation.json", """{"properties": {"displayName": "Bad", "state": "half"}}""");
        Write(folder, "products/bad/policy.xml", FullService.Policy(""));
        Write(folder, "apis/wrong/apiInformation.json", """{"properties": {"displayName": "Wrong", "path": "a b"}}""");
        Write(folder, "policy.xml", "<policies><inbound><no-such-policy /></inbound><backend /><outbound /><on-error /></policies>");

        var outcome = await plane.ImportAsync(service, folder.Path);

        Assert.Equal(["apis/wrong", "policies/policy", "products/bad"], outcome.Failed.Select(failed => failed.Step.Resource.Path));
        Assert.All(outcome.Failed, failed => Assert.StartsWith("ValidationError: ", failed.Error, StringComparison.Ordinal));
        Assert.Equal("products/bad/policies/policy", Assert.Single(outcome.Skipped).Resource.Path);
        Assert.Equal("namedValues/good", Assert.Single(outcome.Done).Resource.Path);
        using var output = new StringWriter();
        new PlanPrinter(output).Print(outcome, unchanged: 0);
        Assert.Contains("✗ apis/wrong  (apis/wrong/apiInformation.json)\n    ValidationError", output.ToString(), StringComparison.Ordinal);
        Assert.Contains("1 created, 0 changed, 0 deleted, 0 unchanged; 3 failed, 1 not tried.", output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_resource_that_somebody_else_changes_meanwhile_is_not_overwritten()
    {
        using var folder = new TemporaryFolder();
        var service = await plane.CreateServiceAsync();
        await plane.PutAsync($"{service}/products/p", new() { ["displayName"] = "Before" });
        Write(folder, "products/p/productInformation.json", """{"properties": {"displayName": "After"}}""");
        using var client = new Postern.Configuration.Service.ServiceClient(plane.Connect(service), TimeProvider.System);
        var read = await client.GetAsync("products/p", TestContext.Current.CancellationToken);

        await plane.PutAsync($"{service}/products/p", new() { ["displayName"] = "Theirs" });
        var answer = await client.PutAsync("products/p", new() { ["properties"] = new JsonObject { ["displayName"] = "After" } }, read.ETag, TestContext.Current.CancellationToken);

        Assert.Equal(412, answer.Status);
        Assert.Equal("Theirs", (await plane.SendAsync(HttpMethod.Get, $"{service}/products/p"))["properties"]!["displayName"]!.ToString());
    }

    [Fact]
    public async Task Children_of_what_is_nowhere_are_refused_before_anything_is_written()
    {
        using var folder = new TemporaryFolder();
        var service = await plane.CreateServiceAsync();
        Write(folder, "apis/nowhere/operations/get/policy.xml", FullService.Policy(""));
        Write(folder, "tags/red/tagInformation.json", """{"properties": {"displayName": "Red"}}""");

        var plan = await plane.PlanAsync(service, folder.Path);

        Assert.Equal(
            "apis/nowhere/operations/get/policy.xml: apis/nowhere/operations/get is neither in the folder nor in the service.", Assert.Single(plan.Problems).ToString());
    }

    private static void Edit(string file, string from, string to)
    {
        var text = File.ReadAllText(file);
        Assert.Contains(from, text, StringComparison.Ordinal);
        File.WriteAllText(file, text.Replace(from, to, StringComparison.Ordinal));
    }

    private static void Write(TemporaryFolder folder, string file, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(folder.In(file))!);
        File.WriteAllText(folder.In(file), text);
    }
}
