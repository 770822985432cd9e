using System.Runtime.CompilerServices;
using Postern.Hosting.Sockets;
using Postern.Policies.Runtime;

namespace Postern.Gateway.Tests.Parts;

/// <summary>Gateways of this test process run requests where sockets are waited for, as <c>postern gateway</c> does.</summary>
internal static class AsInProduction
{
    [ModuleInitializer]
    internal static void TurnOn()
    {
        InlineCompletions.TurnOn();
        SocketThread.RunsRequests = InlineCompletions.AreOn;
    }
}
