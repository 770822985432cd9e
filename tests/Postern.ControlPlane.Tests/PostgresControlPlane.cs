using Postern.ControlPlane.Store;
using Postern.Testing;

namespace Postern.ControlPlane.Tests;

/// <summary>The same control plane on PostgreSQL, for suites that run against both stores.</summary>
public sealed class PostgresControlPlane : RunningControlPlane
{
    private PostgresServer? _database;

    /// <summary>Why there is none; null when there is.</summary>
    public string? Missing { get; private set; }

    /// <summary>This, or the test is skipped with the reason.</summary>
    public PostgresControlPlane Present()
    {
        Assert.SkipWhen(Missing is not null, Missing ?? "");
        return this;
    }

    public override async ValueTask InitializeAsync()
    {
        _database = await PostgresServer.StartAsync();
        if (_database is null)
        {
            Missing = "PostgreSQL is not installed (Debian: apt-get install postgresql).";
            return;
        }

        await base.InitializeAsync();
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        if (_database is not null)
        {
            await _database.DisposeAsync();
        }
    }

    protected override async ValueTask<StoreOptions> StoreAsync(string folder) => StoreOptions.Postgres(await _database!.CreateDatabaseAsync());
}
