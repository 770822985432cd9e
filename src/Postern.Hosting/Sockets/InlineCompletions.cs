namespace Postern.Hosting.Sockets;

/// <summary>
/// Work goes on where a socket's event came up, on the thread that waits for sockets, instead of being handed to the thread pool: two thread
/// switches less per request. Whoever computes for long or blocks there holds up every connection of that thread, so a process that turns
/// this on must leave such threads first; see docs/decisions/0051-inline-completions.md.
/// </summary>
public static class InlineCompletions
{
    /// <summary>The platform's own switch. It is read once, when the process makes its first socket, and there is no other way to set it.</summary>
    public const string Variable = "DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS";

    /// <summary>Set by <see cref="TurnOn"/>; stays for the life of the process.</summary>
    public static bool AreOn { get; private set; }

    /// <summary>To be called before the process makes its first socket; later it has no effect on sockets, and does no harm.</summary>
    public static void TurnOn()
    {
        if (OperatingSystem.IsLinux())
        {
            Environment.SetEnvironmentVariable(Variable, "1");
            AreOn = true;
        }
    }
}
