using System.Runtime.CompilerServices;
using Postern.Hosting.Sockets;
using Postern.Policies.Runtime;

namespace Postern.Gateway.Tests.Parts;

/// <summary>
/// With <c>POSTERN_TESTS_INLINE=1</c> the gateways of this process run requests where sockets are waited for, as <c>postern gateway</c> does.
/// Not by default: tests share those threads then, and one that blocks would hold up all.
/// </summary>
internal static class AsInProduction
{
    [ModuleInitializer]
    internal static void TurnOn()
    {
        if (Environment.GetEnvironmentVariable("POSTERN_TESTS_INLINE") == "1")
        {
            InlineCompletions.TurnOn();
            SocketThread.RunsRequests = InlineCompletions.AreOn;
        }
    }
}
