namespace Postern.EndToEnd.Tests.Clients;

/// <summary>
/// Azure CLIs that know the system already. Learning the cloud and logging in take seconds: they are done once, and each test works with a copy
/// of what they left, so that tests may run beside each other.
/// </summary>
internal sealed class OperatorCli : IDisposable
{
    private readonly Lazy<Task<AzureCli>> _cloud;
    private readonly Lazy<Task<AzureCli>> _ready;

    public OperatorCli(RunningSystem system)
    {
        _cloud = new(() => FromMetadataAsync(system));
        _ready = new(async () => await LogInAsync(await CloudAsync(), system));
    }

    /// <summary>One that learnt everything from the metadata address, at the first use, so that a test without the client fails by itself.</summary>
    public async Task<AzureCli> CloudAsync() => (await _cloud.Value).Copy();

    /// <summary>One in which the system's operator has logged in.</summary>
    public async Task<AzureCli> ReadyAsync() => (await _ready.Value).Copy();

    public void Dispose()
    {
        foreach (var made in (Lazy<Task<AzureCli>>[])[_cloud, _ready])
        {
            if (made.IsValueCreated && made.Value.IsCompletedSuccessfully)
            {
                made.Value.Result.Dispose();
            }
        }
    }

    private static async Task<AzureCli> FromMetadataAsync(RunningSystem system)
    {
        var az = new AzureCli(system) { Metadata = $"{system["ARM_ENDPOINT"]}/metadata/endpoints?api-version=2022-09-01" };
        await az.RunAsync("cloud update -n Postern --endpoint-active-directory", az.Authority);
        return az;
    }

    private static async Task<AzureCli> LogInAsync(AzureCli az, RunningSystem system)
    {
        await az.LoginAsync(system["AZURE_CLIENT_ID"], system["AZURE_TENANT_ID"], "--password", system["AZURE_CLIENT_SECRET"]);
        return az;
    }
}
