namespace Postern.ControlPlane.Tests.Store;

public sealed class PostgresStoreTests(PostgresFixture database) : StoreContract(database), IClassFixture<PostgresFixture>
{
    [Fact]
    public async Task A_waiter_is_woken_by_a_write_of_another_replica()
    {
        await using var one = await OpenAsync();
        await using var other = await OpenAsync();
        var waiting = other.WaitForChangeAsync(0, Cancellation);

        await one.WriteAsync([new("/subscriptions/s", "subscriptions", "{}", "x")], Cancellation);

        await waiting.WaitAsync(TimeSpan.FromSeconds(10), Cancellation);
    }
}
