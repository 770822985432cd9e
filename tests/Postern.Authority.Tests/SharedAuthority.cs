namespace Postern.Authority.Tests;

/// <summary>One authority for the tests of a class that leave it as they find it.</summary>
public sealed class SharedAuthority : IAsyncLifetime
{
    public TestAuthority Authority { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Authority = await TestAuthority.StartAsync();

    public ValueTask DisposeAsync() => Authority.DisposeAsync();
}
