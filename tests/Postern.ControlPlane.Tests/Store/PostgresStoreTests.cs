using Postern.ControlPlane.Store;
using Postern.Testing;

namespace Postern.ControlPlane.Tests.Store;

public sealed class PostgresStoreTests(PostgresFixture postgres) : StoreContract, IClassFixture<PostgresFixture>
{
    protected override async Task<StoreOptions> CreateAsync()
    {
        Assert.SkipWhen(postgres.Server is null, "PostgreSQL is not installed (Debian: apt-get install postgresql).");
        return StoreOptions.Postgres(await postgres.Server!.CreateDatabaseAsync());
    }

    [Fact]
    public async Task A_waiter_is_woken_by_a_write_of_another_replica()
    {
        await using var one = await OpenAsync();
        await using var other = await OpenAsync();
        var waiting = other.WaitForChangeAsync(0, TestContext.Current.CancellationToken);

        await one.WriteAsync([new("/subscriptions/s", "subscriptions", "{}", "x")], TestContext.Current.CancellationToken);

        await waiting.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
    }
}

public sealed class PostgresFixture : IAsyncLifetime
{
    public PostgresServer? Server { get; private set; }

    public async ValueTask InitializeAsync() => Server = await PostgresServer.StartAsync();

    public async ValueTask DisposeAsync()
    {
        if (Server is not null)
        {
            await Server.DisposeAsync();
        }
    }
}
