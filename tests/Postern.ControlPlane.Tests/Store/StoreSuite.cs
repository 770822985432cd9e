using Postern.ControlPlane.Store;

namespace Postern.ControlPlane.Tests.Store;

/// <summary>A store of its own for each test, on either database.</summary>
public abstract class StoreSuite(TestDatabase database) : IAsyncLifetime
{
    protected const string Apis = "Microsoft.ApiManagement/service/apis";
    protected const string Service = "/subscriptions/s/resourceGroups/Rg/providers/Microsoft.ApiManagement/service/Contoso";

    protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    protected TestDatabase Database => database;

    protected StoreOptions Options { get; private set; } = null!;

    protected IResourceStore Store { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Options = await database.CreateAsync();
        Store = await OpenAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (Store is not null)
        {
            await Store.DisposeAsync();
        }

        GC.SuppressFinalize(this);
    }

    /// <summary>Another replica on the same database.</summary>
    protected Task<IResourceStore> OpenAsync() => SqlResourceStore.OpenAsync(Options, TimeProvider.System, Cancellation);

    /// <summary>Closes the store and opens it again.</summary>
    protected async Task ReopenAsync()
    {
        await Store.DisposeAsync();
        Store = await OpenAsync();
    }
}
