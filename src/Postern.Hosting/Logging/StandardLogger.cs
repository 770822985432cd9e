using Microsoft.Extensions.Logging;

namespace Postern.Hosting.Logging;

internal sealed class StandardLogger(StandardLoggerProvider provider, string source) : ILogger
{
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => provider.IsEnabled(logLevel);

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (provider.IsEnabled(logLevel))
        {
            provider.Write(new(
                provider.Now, logLevel, eventId.Name ?? source, source, formatter(state, exception), exception,
                state as IReadOnlyList<KeyValuePair<string, object?>>));
        }
    }
}

/// <param name="Values">What the message was made of; a request record's fields.</param>
internal readonly record struct LogRecord(
    DateTimeOffset Time, LogLevel Level, string EventType, string Source, string Message, Exception? Exception,
    IReadOnlyList<KeyValuePair<string, object?>>? Values)
{
    /// <summary>Event of one request's record, whose fields are the record.</summary>
    public const string RequestEvent = "GatewayLogs";

    public bool IsRequest => EventType == RequestEvent && Values is not null;

    public object? Find(string name)
    {
        if (Values is { } values)
        {
            for (var i = 0; i < values.Count; i++)
            {
                if (values[i].Key.Equals(name, StringComparison.OrdinalIgnoreCase))
                {
                    return values[i].Value;
                }
            }
        }

        return null;
    }
}

internal interface IRecordFormat
{
    /// <summary>Without a line end.</summary>
    string Format(in LogRecord record);
}
