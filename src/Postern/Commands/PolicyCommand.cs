using System.CommandLine;

namespace Postern.Commands;

/// <summary><c>postern policy</c>: what the management API would say about documents, and what they do, without a service.</summary>
internal static class PolicyCommand
{
    public static Command Create() =>
        new("policy", "Work with policy documents, without a service") { PolicyCheckCommand.Create(), PolicyTestCommand.Create() };
}
