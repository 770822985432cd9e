using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using Postern.Hosting;

namespace Postern.Authority.Tests;

public sealed class RestartTests
{
    private const string Scope = "https://azure-api.net/configuration/.default";

    [Fact]
    public async Task A_second_start_keeps_keys_and_everything_that_was_added()
    {
        var folder = TestAuthority.NewFolder();
        try
        {
            string token, id;
            await using (var first = await TestAuthority.StartAsync(folder))
            {
                token = await first.TokenAsync(TestAuthority.Reader, Scope);
                var graph = await first.GraphAsync(TestAuthority.Operator);
                id = (await graph.PostAsync("/applications", new { displayName = "kept" })).Body["id"]!.GetValue<string>();
                await graph.PostAsync($"/applications/{id}/addPassword", new { passwordCredential = new { displayName = "one" } });
                var group = (await graph.PostAsync("/groups", new { displayName = "g", mailNickname = "g", mailEnabled = false, securityEnabled = true })).Body;
                await graph.PostAsync($"/groups/{group["id"]}/members/$ref", new Dictionary<string, string> { ["@odata.id"] = $"x/{TestAuthority.Reader.ObjectId}" });
            }

            await using var second = await TestAuthority.StartAsync(folder);

            var keys = await second.Http.GetFromJsonAsync<JsonObject>($"/{TestAuthority.Tenant}/discovery/v2.0/keys");
            Assert.True(TokenReader.IsSignedBy(token, keys!));
            var again = await second.GraphAsync(TestAuthority.Operator);
            var kept = (await again.GetAsync($"/applications/{id}")).Body;
            Assert.Equal("kept", kept["displayName"]!.GetValue<string>());
            Assert.Equal("one", Assert.Single(kept["passwordCredentials"]!.AsArray())!["displayName"]!.GetValue<string>());
            Assert.Single((await again.PostAsync($"/directoryObjects/{TestAuthority.Reader.ObjectId}/getMemberGroups", new { securityEnabledOnly = true })).Body["value"]!.AsArray());
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task Seeding_the_same_again_writes_nothing()
    {
        var folder = TestAuthority.NewFolder();
        try
        {
            await using (await TestAuthority.StartAsync(folder))
            {
            }

            var before = await File.ReadAllBytesAsync(Path.Combine(folder, "authority.db"));
            await using (await TestAuthority.StartAsync(folder))
            {
            }

            Assert.Equal(before, await File.ReadAllBytesAsync(Path.Combine(folder, "authority.db")));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task A_new_seeded_secret_replaces_the_old_one()
    {
        var folder = TestAuthority.NewFolder();
        try
        {
            await using (await TestAuthority.StartAsync(folder))
            {
            }

            var renewed = TestAuthority.Reader with { Secret = "another secret" };
            await using var authority = await TestAuthority.StartAsync(folder, seed: new(TestAuthority.Tenant, [TestAuthority.Operator, renewed]));

            await authority.TokenAsync(renewed, Scope);
            using var old = await authority.PostTokenAsync(TestAuthority.Form(TestAuthority.Reader, Scope));
            Assert.Equal(401, (int)old.StatusCode);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task Files_are_for_the_owner_only_and_hold_no_secret_as_text()
    {
        await using var authority = await TestAuthority.StartAsync();

        foreach (var name in (string[])["authority.db", "authority.key", "authority.db-wal"])
        {
            var path = Path.Combine(authority.Folder, name);
            if (!OperatingSystem.IsWindows())
            {
                Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
            }

            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            using var copy = new MemoryStream();
            await file.CopyToAsync(copy, TestContext.Current.CancellationToken);
            Assert.DoesNotContain(TestAuthority.Reader.Secret!, Encoding.Latin1.GetString(copy.ToArray()), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_lost_key_file_means_new_signing_keys_and_nothing_worse()
    {
        var folder = TestAuthority.NewFolder();
        try
        {
            string token;
            await using (var first = await TestAuthority.StartAsync(folder))
            {
                token = await first.TokenAsync(TestAuthority.Reader, Scope);
            }

            File.Delete(Path.Combine(folder, "authority.key"));
            await using var second = await TestAuthority.StartAsync(folder);

            var renewed = await second.TokenAsync(TestAuthority.Reader, Scope);
            Assert.NotEqual(TokenReader.Header(token)["kid"]!.GetValue<string>(), TokenReader.Header(renewed)["kid"]!.GetValue<string>());
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task Another_folders_key_file_is_refused_with_its_diagnostic()
    {
        var folder = TestAuthority.NewFolder();
        try
        {
            await using (await TestAuthority.StartAsync(folder))
            {
            }

            await File.WriteAllTextAsync(Path.Combine(folder, "authority.key"), Convert.ToBase64String(new byte[32]));

            var refused = await Assert.ThrowsAsync<AuthorityException>(() => TestAuthority.StartAsync(folder));
            Assert.Equal("A461", refused.Diagnostic);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task A_folder_in_use_is_refused_with_its_diagnostic()
    {
        await using var authority = await TestAuthority.StartAsync();

        var refused = await Assert.ThrowsAsync<AuthorityException>(() => TestAuthority.StartAsync(authority.Folder));

        Assert.Equal("A460", refused.Diagnostic);
    }

    [Fact]
    public async Task A_taken_port_is_named()
    {
        await using var authority = await TestAuthority.StartAsync();
        var folder = TestAuthority.NewFolder();
        try
        {
            var refused = await Assert.ThrowsAsync<ListenException>(() => AuthorityServer.StartAsync(
                new()
                {
                    DataFolder = folder,
                    Listen = ListenAddress.Loopback(authority.Server.Address.Port),
                    ServerCertificate = authority.Certificates.IssueLoopback(),
                    Seed = new(TestAuthority.Tenant, []),
                },
                TestContext.Current.CancellationToken));

            Assert.Equal(authority.Server.Address.Port, refused.Port);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
