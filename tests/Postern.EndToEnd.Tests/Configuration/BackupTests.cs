using Postern.Configuration.Folder;
using Postern.Snapshots;
using Postern.Testing;

namespace Postern.EndToEnd.Tests.Configuration;

/// <summary>An export with its secrets is a backup: a service that was lost comes back as gateways knew it.</summary>
public sealed class BackupTests(ConfigurationPlane plane)
{
    [Fact]
    public async Task A_service_made_again_from_its_export_gives_gateways_the_same_snapshot()
    {
        using var folder = new TemporaryFolder();
        var service = await plane.CreateServiceAsync();
        await FullService.FillAsync(plane, service, "lab-backup");
        var token = await plane.GatewayTokenAsync(service, "lab-backup");
        var before = await plane.SnapshotAsync("lab-backup", token);
        await plane.ExportAsync(service, folder.Path, secrets: true);
        var secrets = folder.In(FolderLayout.SecretsFile);

        await plane.SendAsync(HttpMethod.Delete, service, version: "2019-12-01"); // Nothing is kept that could be restored.
        await plane.CreateServiceAsync(service);
        var outcome = await plane.ImportAsync(service, folder.Path, restore: true, overrides: secrets);

        Assert.Empty(outcome.Failed.Select(failed => $"{failed.Step.Resource.Path}: {failed.Error}"));
        Assert.Empty(outcome.Notes);
        var after = await plane.SnapshotAsync("lab-backup", token);
        Assert.Equal(Texts(before), Texts(after));

        // What was handed out to debug with is not a part of a backup: it ends with the service that was lost.
        Assert.NotEqual(Assert.Single(before.Entities.OfType<DebugCredentialsSnapshot>()), Assert.Single(after.Entities.OfType<DebugCredentialsSnapshot>()));

        // Nothing is left to do, and nothing is done.
        var again = await plane.ImportAsync(service, folder.Path, delete: true, restore: true, overrides: secrets);
        Assert.Empty(again.Done.Select(step => $"{step.Action} {step.Resource.Path}"));
        Assert.Equal(after.Revision, (await plane.SnapshotAsync("lab-backup", token)).Revision);

        // Another export of it is the same, file by file.
        using var second = new TemporaryFolder();
        await plane.ExportAsync(service, second.Path, secrets: true);
        var (files, others) = (Files(folder.Path), Files(second.Path));
        Assert.Equal(files.Keys, others.Keys);
        Assert.All(files, file => Assert.Equal($"{file.Key}: {file.Value}", $"{file.Key}: {others[file.Key]}"));
    }

    private static string[] Texts(Snapshot snapshot) =>
        [.. snapshot.Entities.Where(entity => entity is not DebugCredentialsSnapshot).OrderBy(entity => entity.Key, StringComparer.Ordinal).Select(entity => $"{entity.Key} {System.Text.Json.JsonSerializer.Serialize(entity, SnapshotJson.Default.SnapshotEntity)}")];

    private static SortedDictionary<string, string> Files(string folder) => new(
        Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).ToDictionary(file => Path.GetRelativePath(folder, file), File.ReadAllText), StringComparer.Ordinal);
}
