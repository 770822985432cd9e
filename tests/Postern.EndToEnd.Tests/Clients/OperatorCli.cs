using System.Text.Json.Nodes;

namespace Postern.EndToEnd.Tests.Clients;

/// <summary>An Azure CLI in which the system's operator has logged in.</summary>
public sealed class OperatorCli : IDisposable
{
    private readonly Lazy<Task<AzureCli>> _ready;

    public OperatorCli(RunningSystem system) => _ready = new(() => LogInAsync(system));

    /// <summary>Logs in at the first use, so that a test without the client fails by itself.</summary>
    internal Task<AzureCli> ReadyAsync() => _ready.Value;

    /// <summary>A new configuration that learns everything from the metadata address.</summary>
    internal static async Task<AzureCli> FromMetadataAsync(RunningSystem system)
    {
        var az = new AzureCli(system) { Metadata = $"{system["ARM_ENDPOINT"]}/metadata/endpoints?api-version=2022-09-01" };
        await az.RunAsync("cloud update -n Postern --endpoint-active-directory", az.Authority);
        return az;
    }

    public void Dispose()
    {
        if (_ready.IsValueCreated && _ready.Value.IsCompletedSuccessfully)
        {
            _ready.Value.Result.Dispose();
        }
    }

    private static async Task<AzureCli> LogInAsync(RunningSystem system)
    {
        var az = await FromMetadataAsync(system);
        await az.LoginAsync(system["AZURE_CLIENT_ID"], system["AZURE_TENANT_ID"], "--password", system["AZURE_CLIENT_SECRET"]);
        return az;
    }
}
