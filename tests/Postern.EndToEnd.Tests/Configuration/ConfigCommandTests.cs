using Postern.Testing;

namespace Postern.EndToEnd.Tests.Configuration;

/// <summary><c>postern config</c> as it is typed, against a running system in which nobody else makes and deletes meanwhile.</summary>
[Collection(nameof(NobodyElse))]
public sealed class ConfigCommandTests(OwnSystem system)
{
    [Fact]
    public async Task The_sample_goes_out_and_an_API_beside_it_comes_in_and_is_called()
    {
        using var folder = new TemporaryFolder();
        var exported = await RunAsync("export", folder.In("out"));
        Assert.True(exported.Code == 0, exported.Output);
        Assert.Contains("calls=\"300\"", await File.ReadAllTextAsync(folder.In("out/products/starter/policy.xml")), StringComparison.Ordinal);
        Assert.True(File.Exists(folder.In("out/apis/orders/specification.yaml")));
        Assert.False(File.Exists(folder.In("out/configuration.secrets.yaml")));

        Write(folder, "in/apis/copied/apiInformation.json", (await File.ReadAllTextAsync(folder.In("out/apis/orders/apiInformation.json")))
            .Replace("\"path\": \"sales\"", "\"path\": \"copied\"", StringComparison.Ordinal));
        File.Copy(folder.In("out/apis/orders/specification.yaml"), folder.In("in/apis/copied/specification.yaml"));
        Write(folder, "in/apis/copied/policy.xml", FullService.Policy("<set-backend-service backend-id=\"orders\" />"));
        Write(folder, "in/gateways/edge/apis/copied/gatewayApiInformation.json", "{}");
        Write(folder, "in/products/starter/apis/copied/productApiInformation.json", "{}");

        var dry = await RunAsync("import", folder.In("in"), "--dry-run");
        Assert.True(dry.Code == 2, dry.Output);
        Assert.Contains("+ apis/copied  (apis/copied/apiInformation.json)", dry.Output, StringComparison.Ordinal);
        Assert.Contains("4 to create, 0 to change, 0 to delete", dry.Output, StringComparison.Ordinal);
        Assert.Equal(404, (await system.ArmAsync(HttpMethod.Get, $"{system.Service}/apis/copied")).Status);

        var imported = await RunAsync("import", folder.In("in"));
        Assert.True(imported.Code == 0, imported.Output);
        Assert.Contains("4 created, 0 changed, 0 deleted, 0 unchanged.", imported.Output, StringComparison.Ordinal);
        await Until.TrueAsync("the gateway serves the imported API", async () => (await system.CallAsync("/copied/orders/17")).Status == 200);

        var again = await RunAsync("import", folder.In("in"));
        Assert.True(again.Code == 0, again.Output);
        Assert.Contains("0 created, 0 changed, 0 deleted", again.Output, StringComparison.Ordinal);
        Assert.Equal(0, (await RunAsync("import", folder.In("in"), "--dry-run")).Code);
        Assert.Equal(204, (await system.ArmAsync(HttpMethod.Delete, $"{system.Service}/apis/copied")).Status);
    }

    [Fact]
    public async Task What_is_wrong_is_said_without_a_stack_and_nothing_is_written()
    {
        using var folder = new TemporaryFolder();
        Write(folder, "bad/tags/a/tagInformation.json", "{\n  \"properties\": {,\n");
        var bad = await RunAsync("import", folder.In("bad"));
        Assert.Equal(1, bad.Code);
        Assert.Contains("tags/a/tagInformation.json:2: is not well-formed JSON", bad.Output, StringComparison.Ordinal);
        Assert.Contains("1 problem; nothing was written.", bad.Output, StringComparison.Ordinal);

        var nowhere = await RunAsync("import", folder.In("nowhere"));
        Assert.Equal(1, nowhere.Code);
        Assert.Contains("There is no folder", nowhere.Output, StringComparison.Ordinal);

        var other = await RunAsync("export", folder.In("other"), "--service", "missing");
        Assert.Equal(1, other.Code);
        Assert.Contains("ResourceNotFound", other.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", bad.Output + nowhere.Output + other.Output, StringComparison.Ordinal);
        Assert.DoesNotContain(system["AZURE_CLIENT_SECRET"], bad.Output + nowhere.Output + other.Output, StringComparison.Ordinal);
    }

    private async Task<(int Code, string Output)> RunAsync(string command, string folder, params string[] more)
    {
        await using var process = PosternProcess.Start(["config", command, folder, "--data", Path.GetDirectoryName(system.ConnectionFile)!, .. more]);
        return (await process.ExitAsync(120), process.Output);
    }

    private static void Write(TemporaryFolder folder, string file, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(folder.In(file))!);
        File.WriteAllText(folder.In(file), text);
    }
}
