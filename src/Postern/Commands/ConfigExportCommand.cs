using System.CommandLine;
using Postern.Configuration.Export;
using Postern.Configuration.Folder;
using Postern.Configuration.Service;

namespace Postern.Commands;

/// <summary><c>postern config export</c>.</summary>
internal static class ConfigExportCommand
{
    public static Command Create()
    {
        var folder = new Argument<string>("folder") { Description = "Where to; files of an earlier export are brought up to date" };
        var secrets = new Option<bool>("--with-secrets")
        {
            Description = $"Also write the secrets, to {FolderLayout.SecretsFile} (mode 0600), and the built-in subscription and user: a full backup",
        };
        var format = new Option<string>("--definitions") { Description = "Form of OpenAPI definitions", DefaultValueFactory = _ => "yaml" };
        format.AcceptOnlyFromAmong("yaml", "json");
        var target = new ConfigTarget();
        var command = new Command("export", "Write a service's configuration to a folder") { folder, secrets, format };
        target.AddTo(command);
        command.SetAction((parsed, cancellation) => RunAsync(
            () => target.Read(parsed),
            new(Path.GetFullPath(parsed.GetValue(folder)!), parsed.GetValue(secrets), parsed.GetValue(format) == "json", target.Parallel(parsed)), cancellation));
        return command;
    }

    private static async Task<int> RunAsync(Func<ServiceConnection> connect, ExportOptions options, CancellationToken cancellation)
    {
        try
        {
            var connection = connect();
            using var client = new ServiceClient(connection, TimeProvider.System);
            if (await client.GetAsync("", cancellation) is { IsSuccess: false } answer)
            {
                throw new ServiceException($"{connection.ServiceId} at {connection.Management} can't be read. {answer.Error()}");
            }

            var service = await new ServiceExport(new(client, options.Parallel), options).ReadAsync(cancellation);
            var changed = new FolderWriter(options.Folder).Write(service);
            foreach (var path in service.Secrets?.Missing ?? [])
            {
                await Console.Out.WriteLineAsync($"note: the service does not give the secrets of {path}.");
            }

            var secrets = options.WithSecrets ? $" Secrets are in {FolderLayout.SecretsFile}." : "";
            await Console.Out.WriteLineAsync($"{service.Resources.Count} resources in {options.Folder}, {changed} files changed.{secrets}");
            return 0;
        }
        catch (Exception failure) when (ConfigCommand.IsExpected(failure))
        {
            await Console.Error.WriteLineAsync($"postern config export: {failure.Message}");
            return 1;
        }
    }
}
