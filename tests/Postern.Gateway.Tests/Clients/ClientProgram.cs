using System.ComponentModel;
using System.Diagnostics;
using System.Text;

namespace Postern.Gateway.Tests.Clients;

/// <summary>Somebody else's program against a gateway of this process. Disposing ends it, whatever state it is in.</summary>
internal sealed class ClientProgram : IDisposable
{
    private readonly Process _process;
    private readonly StringBuilder _errors = new();

    private ClientProgram(Process process)
    {
        _process = process;
        process.ErrorDataReceived += (_, line) =>
        {
            lock (_errors)
            {
                _errors.AppendLine(line.Data);
            }
        };
        process.BeginErrorReadLine();
    }

    /// <param name="package">What to install when there is no such program.</param>
    public static ClientProgram Start(string program, string package, string? folder, params IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = folder ?? Path.GetTempPath(),
        };
        try
        {
            return new(Process.Start(start)!);
        }
        catch (Win32Exception)
        {
            throw new InvalidOperationException($"'{program}' is not installed here: apt-get install {package} (./test does that).");
        }
    }

    /// <summary>Runs a program to its end; fails unless its exit code is 0.</summary>
    /// <returns>What it wrote to its standard output.</returns>
    public static async Task<string> RunAsync(string program, string package, params IEnumerable<string> arguments)
    {
        using var running = Start(program, package, null, arguments);
        running.Close();
        return await running.EndAsync();
    }

    public async Task<string> ReadLineAsync() =>
        await _process.StandardOutput.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(60)) ?? throw new InvalidOperationException($"The program ended: {Errors}");

    public Task WriteLineAsync(string line) => _process.StandardInput.WriteLineAsync(line);

    /// <summary>No more input.</summary>
    public void Close() => _process.StandardInput.Close();

    public async Task<string> EndAsync()
    {
        var output = await _process.StandardOutput.ReadToEndAsync().WaitAsync(TimeSpan.FromSeconds(90));
        await _process.WaitForExitAsync();
        Assert.True(_process.ExitCode == 0, $"{_process.StartInfo.FileName} ended with {_process.ExitCode}.\n{output}\n{Errors}");
        return output;
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
        }

        _process.Dispose();
    }

    private string Errors
    {
        get
        {
            lock (_errors)
            {
                return _errors.ToString();
            }
        }
    }
}
