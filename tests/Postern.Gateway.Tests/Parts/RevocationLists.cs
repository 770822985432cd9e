using Microsoft.AspNetCore.Http;
using Postern.Testing;

namespace Postern.Gateway.Tests.Parts;

/// <summary>Publishes the revocation lists of authorities over HTTP.</summary>
internal sealed class RevocationLists : IAsyncDisposable
{
    private readonly TestBackend _server;
    private TestAuthority? _authority;

    private RevocationLists(TestBackend server) => _server = server;

    public static async Task<RevocationLists> StartAsync()
    {
        RevocationLists? lists = null;
        lists = new(await TestBackend.StartAsync(context => context.Response.Body.WriteAsync(lists!._authority!.RevocationList()).AsTask()));
        return lists;
    }

    /// <summary>Platforms keep lists by their address, so each test has one of its own.</summary>
    public Uri Next() => new(_server.Address, $"{Guid.NewGuid():N}.crl");

    public void Serve(TestAuthority authority) => _authority = authority;

    public ValueTask DisposeAsync() => _server.DisposeAsync();
}
