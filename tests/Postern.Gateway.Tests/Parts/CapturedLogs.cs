using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Postern.Gateway.Tests.Parts;

/// <summary>Keeps what was logged, for tests to look at.</summary>
internal sealed class CapturedLogs : ILoggerProvider
{
    public ConcurrentQueue<(LogLevel Level, string? Event, string Text, Exception? Exception)> Records { get; } = [];

    public int CountOf(string eventName) => Records.Count(record => record.Event == eventName);

    public ILogger CreateLogger(string categoryName) => new Logger(this);

    public void Dispose()
    {
    }

    private sealed class Logger(CapturedLogs logs) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            logs.Records.Enqueue((logLevel, eventId.Name, formatter(state, exception), exception));
    }
}
