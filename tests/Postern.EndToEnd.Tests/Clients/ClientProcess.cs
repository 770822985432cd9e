using System.ComponentModel;
using System.Diagnostics;

namespace Postern.EndToEnd.Tests.Clients;

/// <summary>What a client's process left behind.</summary>
internal sealed record ClientResult(int Code, string Output, string Errors)
{
    public override string ToString() => $"exit code {Code}\n{Errors}\n{Output}";
}

/// <summary>Somebody else's program, run to its end.</summary>
internal static class ClientProcess
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    /// <param name="environment">Added to this process's own; a null value removes one.</param>
    /// <param name="cure">What to install when there is no such program.</param>
    public static async Task<ClientResult> RunAsync(
        string program, IEnumerable<string> arguments, IReadOnlyDictionary<string, string?> environment, string cure, string? folder = null)
    {
        using var process = new Process
        {
            StartInfo = new(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = folder ?? Path.GetTempPath() },
        };
        foreach (var (name, value) in environment)
        {
            process.StartInfo.Environment[name] = value;
        }

        try
        {
            process.Start();
        }
        catch (Win32Exception)
        {
            Assert.Fail($"'{program}' is not installed here. {cure}");
        }

        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(Patience);
        try
        {
            await process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }

        return new(process.ExitCode, await output, await errors);
    }
}
