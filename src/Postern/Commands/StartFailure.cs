using Postern.Gateway.Settings;
using Postern.Hosting;
using Postern.Up;

namespace Postern.Commands;

/// <summary>Failures of a start that the user can mend: told in a sentence. Anything else is our defect and keeps its stack.</summary>
internal static class StartFailure
{
    public static bool IsExpected(Exception failure) => failure is
        ListenException or FormatException or IOException or InvalidDataException or UnauthorizedAccessException or InvalidOperationException or ManagementException
        or GatewaySettingsException or System.Security.Cryptography.CryptographicException;
}
