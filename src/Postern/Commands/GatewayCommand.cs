using System.CommandLine;
using Microsoft.Extensions.Logging;
using Postern.Gateway;
using Postern.Gateway.Listening;
using Postern.Gateway.Settings;
using Postern.Hosting.Sockets;
using Postern.Hosting.Tls;
using Postern.Policies.Runtime;

namespace Postern.Commands;

/// <summary><c>postern gateway</c>: the data plane, from the published settings alone.</summary>
internal static partial class GatewayCommand
{
    public static Command Create()
    {
        var settings = new Option<FileInfo?>("--settings") { Description = "Docker env-file with the settings; it overrides the environment" };
        var http = new Option<string>("--http") { Description = "Where to listen for HTTP", DefaultValueFactory = _ => "*:8080" };
        var https = new Option<string>("--https") { Description = "Where to listen for HTTPS", DefaultValueFactory = _ => "*:8081" };
        var command = new Command("gateway", "Run a self-hosted gateway; its settings come from environment variables with dots") { settings, http, https };
        command.SetAction((parsed, cancellation) => RoleCommand.RunAsync("gateway", async () =>
        {
            var read = ReadSettings(parsed.GetValue(settings));
            if (read.InlineSockets)
            {
                // Before anything makes a socket.
                InlineCompletions.TurnOn();
                SocketThread.RunsRequests = InlineCompletions.AreOn;
            }

            // Before anything makes a secure connection.
            var speaksOldTls = !read.Tls.NeedsOldVersions || OldTlsVersions.Allow();
            var logging = RoleLogging.Create(read.Logs);
            if (!speaksOldTls)
            {
                LogOldTls(logging.CreateLogger(typeof(GatewayServer)));
            }

            var options = new GatewayOptions
            {
                Settings = read,
                Http = ListenArgument.Parse(parsed.GetValue(http)!),
                Https = ListenArgument.Parse(parsed.GetValue(https)!),
                Time = TimeProvider.System,
                Logging = logging,
            };
            return (await GatewayServer.StartAsync(options, cancellation), logging);
        }, cancellation));
        return command;
    }

    /// <summary>Problems are logged as the product does, because people look for them in a container's log.</summary>
    private static GatewaySettings ReadSettings(FileInfo? file)
    {
        try
        {
            return GatewaySettings.Read(RoleSettings.Read(file).Values);
        }
        catch (GatewaySettingsException refused)
        {
            using var logging = RoleLogging.CreateDefault();
            var logger = logging.CreateLogger(typeof(GatewayServer));
            foreach (var problem in refused.Problems)
            {
                LogRefused(logger, problem.Message, problem.Id, problem.Name);
            }

            throw;
        }
    }

    [LoggerMessage(EventId = 2004, EventName = "OldTlsVersionsNotAllowed", Level = LogLevel.Warning, Message = "TLS 1.0 and 1.1 are allowed by settings, but this machine's OpenSSL could not be told so.")]
    private static partial void LogOldTls(ILogger logger);

    [LoggerMessage(EventId = 2000, EventName = "GatewayStartup", Level = LogLevel.Error, Message = "{Problem} ({Id}, setting '{Setting}')")]
    private static partial void LogRefused(ILogger logger, string problem, string id, string setting);
}
