namespace Postern.Authority.Tests.Clients;

/// <summary>Groups, credentials that go, logins that are refused.</summary>
public sealed class AzureCliDirectoryTests(SharedAuthority shared) : AzureCliSession(shared)
{
    [Fact]
    public async Task It_keeps_groups_and_takes_credentials_away()
    {
        await LoginAsync(TestAuthority.Operator.ClientId, "--password", TestAuthority.Operator.Secret!);

        var group = (await Az.RunAsync("ad", "group", "create", "--display-name", "readers", "--mail-nickname", "readers"))!["id"]!.GetValue<string>();
        await Az.RunAsync("ad", "group", "member", "add", "--group", group, "--member-id", TestAuthority.Reader.ObjectId);
        var check = (await Az.RunAsync("ad", "group", "member", "check", "--group", group, "--member-id", TestAuthority.Reader.ObjectId))!;
        Assert.True(check["value"]!.GetValue<bool>());
        Assert.Equal("reader", Assert.Single((await Az.RunAsync("ad", "group", "member", "list", "--group", group))!.AsArray())!["displayName"]!.GetValue<string>());

        var client = (await Az.RunAsync("ad", "sp", "create-for-rbac", "--name", "temporary"))!["appId"]!.GetValue<string>();
        var secret = Assert.Single((await Az.RunAsync("ad", "app", "credential", "list", "--id", client))!.AsArray())!["keyId"]!.GetValue<string>();
        await Az.RunAsync("ad", "app", "credential", "delete", "--id", client, "--key-id", secret);
        Assert.Empty((await Az.RunAsync("ad", "app", "credential", "list", "--id", client))!.AsArray());
        await Az.RunAsync("ad", "app", "delete", "--id", client);
        Assert.NotEqual(0, (await Az.TryAsync("ad", "app", "show", "--id", client)).Code);
    }

    [Fact]
    public async Task It_tells_why_a_login_was_refused()
    {
        var (code, _, errors) = await Az.TryAsync(
            "login", "--service-principal", "--allow-no-subscriptions", "--tenant", TestAuthority.Tenant, "--username", TestAuthority.Reader.ClientId, "--password", "wrong");

        Assert.NotEqual(0, code);
        Assert.Contains("AADSTS7000215", errors, StringComparison.Ordinal);
    }
}
