using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Postern.Testing;

/// <summary>The real executable as a process of its own. Disposing kills it, whatever state it is in.</summary>
public sealed partial class PosternProcess : IAsyncDisposable
{
    /// <summary>The built program, for <c>dotnet</c>.</summary>
    public static string Program { get; } = Path.Combine(AppContext.BaseDirectory, "postern.dll");

    private readonly Process _process;
    private readonly List<string> _lines = [];
    private readonly List<Waiter> _waiters = [];

    private PosternProcess(Process process)
    {
        _process = process;
        process.OutputDataReceived += (_, line) => Received(line.Data);
        process.ErrorDataReceived += (_, line) => Received(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    /// <param name="environment">Added to this process's own; a null value removes one.</param>
    public static PosternProcess Start(IReadOnlyList<string> arguments, IReadOnlyDictionary<string, string?>? environment = null, string? folder = null)
    {
        var start = new ProcessStartInfo("dotnet")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            WorkingDirectory = folder ?? AppContext.BaseDirectory,
        };
        start.ArgumentList.Add(Program);
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        foreach (var (name, value) in environment ?? new Dictionary<string, string?>())
        {
            if (value is null)
            {
                start.Environment.Remove(name);
            }
            else
            {
                start.Environment[name] = value;
            }
        }

        return new(Process.Start(start)!);
    }

    public int Id => _process.Id;

    /// <summary>Everything written so far, both streams.</summary>
    public string Output
    {
        get
        {
            lock (_lines)
            {
                return string.Join('\n', _lines);
            }
        }
    }

    /// <returns>The first line, past or future, that satisfies the condition.</returns>
    /// <exception cref="TimeoutException">None came; the message holds the output.</exception>
    public async Task<string> LineAsync(Func<string, bool> condition, int seconds = 60)
    {
        Waiter waiter;
        lock (_lines)
        {
            if (_lines.Find(line => condition(line)) is { } seen)
            {
                return seen;
            }

            waiter = new(condition, new(TaskCreationOptions.RunContinuationsAsynchronously));
            _waiters.Add(waiter);
        }

        var ended = _process.WaitForExitAsync();
        var first = await Task.WhenAny(waiter.Found.Task, ended, Task.Delay(TimeSpan.FromSeconds(seconds), TimeProvider.System));
        if (first == ended)
        {
            first = await Task.WhenAny(waiter.Found.Task, Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System));
        }

        return first == waiter.Found.Task
            ? await waiter.Found.Task
            : throw new TimeoutException($"The line did not come{(_process.HasExited ? $" (exit code {_process.ExitCode})" : "")}. Output:\n{Output}");
    }

    /// <summary>Ctrl-C.</summary>
    /// <returns>The exit code.</returns>
    public Task<int> InterruptAsync() => SignalAsync(2);

    /// <summary>What Kubernetes sends.</summary>
    public Task<int> TerminateAsync() => SignalAsync(15);

    /// <summary><c>kill -9</c>: without any chance to finish what it does.</summary>
    public void Kill() => _process.Kill(entireProcessTree: true);

    public async Task<int> ExitAsync(int seconds = 60)
    {
        await _process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(seconds));
        return _process.ExitCode;
    }

    private async Task<int> SignalAsync(int signal)
    {
        _ = Kill(_process.Id, signal);
        return await ExitAsync();
    }

    private void Received(string? line)
    {
        if (line is null)
        {
            return;
        }

        lock (_lines)
        {
            _lines.Add(line);
            foreach (var waiter in _waiters)
            {
                if (waiter.Condition(line))
                {
                    waiter.Found.TrySetResult(line);
                }
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int Kill(int process, int signal);

    private sealed record Waiter(Func<string, bool> Condition, TaskCompletionSource<string> Found);
}
