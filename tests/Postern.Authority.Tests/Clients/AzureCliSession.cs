using System.Text.Json.Nodes;
using Postern.Testing;

namespace Postern.Authority.Tests.Clients;

/// <summary>The Azure CLI, unmodified, over TLS. One class for each session, so that they run beside each other: each takes seconds to start, again and again.</summary>
public abstract class AzureCliSession(SharedAuthority shared) : IClassFixture<SharedAuthority>, IAsyncLifetime
{
    protected TestAuthority Authority => shared.Authority;

    protected AzureCli Az { get; private set; } = null!;

    private protected EmptyResourceManager Manager { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Assert.SkipUnless(AzureCli.IsInstalled, "The Azure CLI is not installed (Debian package azure-cli).");
        Manager = await EmptyResourceManager.StartAsync(Authority.Certificates.IssueLoopback());
        Az = new(Authority.Certificates.CaFile, new(Authority.Origin), Manager.Address);
    }

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        if (Az is not null)
        {
            Az.Dispose();
            await Manager.DisposeAsync();
        }
    }

    protected Task<JsonNode?> LoginAsync(string client, params string[] proof) =>
        Az.RunAsync(["login", "--service-principal", "--allow-no-subscriptions", "--tenant", TestAuthority.Tenant, "--username", client, .. proof]);
}
