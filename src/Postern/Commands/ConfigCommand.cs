using System.CommandLine;
using Postern.Configuration.Service;

namespace Postern.Commands;

/// <summary><c>postern config</c>: a service as a folder of files, and back.</summary>
internal static class ConfigCommand
{
    public static Command Create() => new("config", "Export a service's configuration to a folder, and import it from one (the layout of APIOps; docs/config.md)")
    {
        ConfigExportCommand.Create(),
        ConfigImportCommand.Create(),
    };

    /// <summary>Failures that are the user's, or the service's, to mend.</summary>
    internal static bool IsExpected(Exception failure) => StartFailure.IsExpected(failure)
        || failure is ServiceException or HttpRequestException or Azure.Identity.AuthenticationFailedException or System.Text.Json.JsonException
        or TaskCanceledException { InnerException: TimeoutException };
}
