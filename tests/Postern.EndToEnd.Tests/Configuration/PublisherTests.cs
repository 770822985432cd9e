using System.Text.Json.Nodes;
using Postern.Testing;

namespace Postern.EndToEnd.Tests.Configuration;

/// <summary>Our export is a folder that APIOps' publisher reads: what it would send makes the same service.</summary>
public sealed class PublisherTests(ConfigurationPlane plane)
{
    [Fact]
    public async Task What_the_publisher_makes_of_an_export_is_the_exported_service()
    {
        using var folder = new TemporaryFolder();
        using var second = new TemporaryFolder();
        var (one, other) = (await plane.CreateServiceAsync(), await plane.CreateServiceAsync());
        await FullService.FillAsync(plane, one, "lab-publisher");
        foreach (var revision in (string[])["pets", "pets;rev=1", "pets;rev=3"])
        {
            // A definition can't express it, and the publisher knows of operations from definitions only.
            await plane.SendAsync(HttpMethod.Delete, $"{one}/apis/{revision}/operations/anything");
        }

        var exported = await plane.ExportAsync(one, folder.Path, secrets: true);
        await plane.PutAsync($"{other}/users/ada", new() { ["email"] = "ada@contoso.example", ["firstName"] = "Ada", ["lastName"] = "Lovelace" }); // Users are not the publisher's.

        await new PublisherWalk(plane, other, folder.Path, exported.Secrets!.Sections).PublishAsync();

        await plane.ExportAsync(other, second.Path, secrets: true);
        var (expected, found) = (Files(folder.Path, one), Files(second.Path, other));
        Assert.Equal(expected.Keys, found.Keys);
        Assert.All(expected, file => Assert.Equal($"{file.Key}: {file.Value}", $"{file.Key}: {found[file.Key]}"));
        Assert.Equal("hidden-password", (await plane.SendAsync(HttpMethod.Post, $"{other}/namedValues/password/listValue"))["value"]!.ToString());
        Assert.Equal("/pets/{id}?verbose={verbose}", (await plane.SendAsync(HttpMethod.Get, $"{other}/apis/pets/operations/get-pet"))["properties"]!["urlTemplate"]!.ToString());
        Assert.True(expected.Count > 40, $"{expected.Count} files");
    }

    /// <summary>Those that the publisher takes, without what each service says by itself.</summary>
    private static SortedDictionary<string, string> Files(string folder, string service)
    {
        var files = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var path in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories))
        {
            var file = Path.GetRelativePath(folder, path);
            if (!PublisherWalk.IsTaken(file))
            {
                continue;
            }

            var text = File.ReadAllText(path).Replace($"https://{service.Split('/')[^1]}.azure-api.net", "https://the-service", StringComparison.Ordinal);
            if (file.EndsWith("Information.json", StringComparison.Ordinal) && JsonNode.Parse(text) is JsonObject json && json["properties"] is JsonObject properties)
            {
                foreach (var told in (string[])["createdDate", "startDate", "endDate", .. file.Contains(";rev=", StringComparison.Ordinal) ? (string[])["apiRevisionDescription"] : []])
                {
                    properties.Remove(told);
                }

                text = json.ToJsonString();
            }

            files.Add(file, text);
        }

        return files;
    }
}
