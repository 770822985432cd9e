using Postern.ControlPlane.Store;

namespace Postern.ControlPlane.Tests.Store;

/// <summary>A write that was answered is there although the process or the database is killed at that moment.</summary>
public sealed class DurabilityTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>, IDisposable
{
    private const string Type = "Microsoft.ApiManagement/service/apis";

    private readonly string _folder = Directory.CreateTempSubdirectory("postern-durable-").FullName;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task On_SQLite_the_files_at_the_moment_of_the_answer_hold_the_write()
    {
        // A killed process leaves exactly the files as they are: no close, no checkpoint.
        var file = Path.Combine(_folder, "store.db");
        await using var store = await SqlResourceStore.OpenAsync(StoreOptions.Sqlite(file), TimeProvider.System, Cancellation);
        for (var round = 0; round < 5; round++)
        {
            await Task.WhenAll(Enumerable.Range(0, 20).Select(i => store.WriteAsync([new($"/s/apis/{round}-{i}", Type, "{}", "x")], Cancellation).AsTask()));
            var copy = Path.Combine(_folder, $"copy{round}");
            Directory.CreateDirectory(copy);
            foreach (var part in (string[])["store.db", "store.db-wal"])
            {
                File.Copy(Path.Combine(_folder, part), Path.Combine(copy, part));
            }

            await using var survivor = await SqlResourceStore.OpenAsync(StoreOptions.Sqlite(Path.Combine(copy, "store.db")), TimeProvider.System, Cancellation);
            Assert.Equal((round + 1) * 20, await survivor.CountAsync("", Type, Cancellation));
        }
    }

    [Fact]
    public async Task On_PostgreSQL_a_killed_server_comes_back_with_every_answered_write_and_the_store_goes_on()
    {
        Assert.SkipWhen(postgres.Server is null, "PostgreSQL is not installed (Debian: apt-get install postgresql).");
        var options = StoreOptions.Postgres(await postgres.Server!.CreateDatabaseAsync());
        await using var store = await SqlResourceStore.OpenAsync(options, TimeProvider.System, Cancellation);
        await Task.WhenAll(Enumerable.Range(0, 50).Select(i => store.WriteAsync([new($"/s/apis/{i}", Type, "{}", "x")], Cancellation).AsTask()));

        await Task.WhenAll(Enumerable.Range(0, 8).Select(i => store.FindAsync($"/s/apis/{i}", Cancellation).AsTask()));
        await postgres.Server.KillAsync();
        await Assert.ThrowsAnyAsync<Exception>(() => store.WriteAsync([new("/s/apis/lost", Type, "{}", "x")], Cancellation).AsTask());
        await postgres.Server.RestartAsync();

        Assert.Equal(50, await store.CountAsync("", Type, Cancellation));
        var outcome = await store.WriteAsync([new("/s/apis/after", Type, "{}", "x")], Cancellation);
        Assert.Equal(51, outcome.Revision);
    }
}
