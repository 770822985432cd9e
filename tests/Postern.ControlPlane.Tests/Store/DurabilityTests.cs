using System.Collections.Concurrent;
using System.Data.Common;
using Postern.ControlPlane.Store;

namespace Postern.ControlPlane.Tests.Store;

/// <summary>A write that was answered is there although the process or the database is killed at that moment.</summary>
public sealed class DurabilityTests(KeepingPostgresFixture postgres) : IClassFixture<KeepingPostgresFixture>, IDisposable
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

    /// <summary>Also where the database is set up not to wait for the disk: who is answered was promised that it is kept.</summary>
    [Theory]
    [InlineData("on")]
    [InlineData("off")]
    public async Task On_PostgreSQL_a_server_that_is_killed_amid_writes_comes_back_with_every_answered_one_and_the_store_goes_on(string synchronousCommit)
    {
        Assert.SkipWhen(postgres.Server is null, "PostgreSQL is not installed (Debian: apt-get install postgresql).");
        var options = StoreOptions.Postgres(await postgres.Server!.CreateDatabaseAsync());
        await postgres.QueryAsync(options, $"DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET synchronous_commit = {synchronousCommit}', current_database()); END $$");
        await using var store = await SqlResourceStore.OpenAsync(options, TimeProvider.System, Cancellation);
        await Task.WhenAll(Enumerable.Range(0, 8).Select(i => store.FindAsync($"/s/apis/{i}", Cancellation).AsTask()));

        var answered = new ConcurrentBag<string>();
        var number = 0;
        var killed = 0;
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(async () =>
        {
            try
            {
                while (true)
                {
                    var id = $"/s/apis/{Interlocked.Increment(ref number)}";
                    await store.WriteAsync([new(id, Type, "{}", "x")], Cancellation);
                    answered.Add(id);
                    if (answered.Count >= 50 && Interlocked.Exchange(ref killed, 1) == 0)
                    {
                        postgres.Server.Kill();
                    }
                }
            }
            catch (DbException)
            {
                // Killed before it was answered: it may be there or not.
            }
        })));
        await postgres.Server.RestartAsync();

        foreach (var id in answered)
        {
            Assert.True(await store.FindAsync(id, Cancellation) is not null, $"{id} was answered before the server was killed, and is not there");
        }

        var before = await store.RevisionAsync(Cancellation);
        Assert.Equal(before + 1, (await store.WriteAsync([new("/s/apis/after", Type, "{}", "x")], Cancellation)).Revision);
    }
}
