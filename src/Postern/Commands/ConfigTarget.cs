using System.CommandLine;
using Postern.Configuration.Service;

namespace Postern.Commands;

/// <summary>The options that say which service is meant, and as whom.</summary>
internal sealed class ConfigTarget
{
    private readonly Option<FileInfo?> _connection = new("--connection") { Description = "File with ARM_ENDPOINT, AZURE_*, RESOURCE_GROUP, SERVICE_NAME, CA_FILE (default: connection.env of --data, if it is there)" };
    private readonly Option<string> _data = new("--data") { Description = "Data folder of 'postern up'", DefaultValueFactory = _ => ".postern" };
    private readonly Option<string?> _subscription = new("--subscription") { Description = "Azure subscription id (else AZURE_SUBSCRIPTION_ID)" };
    private readonly Option<string?> _group = new("--resource-group") { Description = "Resource group (else RESOURCE_GROUP)" };
    private readonly Option<string?> _service = new("--service") { Description = "API Management service (else SERVICE_NAME)" };
    private readonly Option<string?> _endpoint = new("--endpoint") { Description = $"Management API (else ARM_ENDPOINT, else {ServiceConnection.PublicManagement})" };
    private readonly Option<int> _parallel = new("--parallel") { Description = "Calls at a time", DefaultValueFactory = _ => 8 };

    public void AddTo(Command command)
    {
        foreach (var option in (Option[])[_connection, _data, _subscription, _group, _service, _endpoint, _parallel])
        {
            command.Options.Add(option);
        }

        _parallel.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is < 1 or > 64)
            {
                result.AddError("--parallel takes 1 to 64.");
            }
        });
    }

    public int Parallel(ParseResult parsed) => parsed.GetValue(_parallel);

    /// <param name="service">Name of the service, where nothing on the command line says otherwise.</param>
    /// <exception cref="FormatException">Something is missing.</exception>
    public ServiceConnection Read(ParseResult parsed, string? service = null)
    {
        var file = parsed.GetValue(_connection);
        var usual = new FileInfo(Path.Combine(parsed.GetValue(_data)!, "connection.env"));
        return ServiceConnection.Read(file ?? (usual.Exists ? usual : null), new Dictionary<string, string?>
        {
            ["AZURE_SUBSCRIPTION_ID"] = parsed.GetValue(_subscription),
            ["RESOURCE_GROUP"] = parsed.GetValue(_group),
            ["SERVICE_NAME"] = parsed.GetValue(_service) ?? service,
            ["ARM_ENDPOINT"] = parsed.GetValue(_endpoint),
        });
    }
}
