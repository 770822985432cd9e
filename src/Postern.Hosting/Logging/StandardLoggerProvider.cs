using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace Postern.Hosting.Logging;

/// <summary>
/// Writes the product's log formats to a stream, one record at a time, from one thread: a slow reader of the stream never holds up a
/// request. When it falls behind, records are dropped and the number of lost ones is told.
/// </summary>
public sealed class StandardLoggerProvider : ILoggerProvider
{
    /// <summary>Records that may wait.</summary>
    private const int QueueLimit = 16 * 1024;

    private readonly Channel<string> _queue = Channel.CreateBounded<string>(
        new BoundedChannelOptions(QueueLimit) { SingleReader = true, FullMode = BoundedChannelFullMode.Wait });

    private readonly StandardLogOptions _options;
    private readonly IRecordFormat _format;
    private readonly Stream _output;
    private readonly TimeProvider _time;
    private readonly Task _writing;
    private long _lost;

    /// <param name="output">Not closed by the provider.</param>
    public StandardLoggerProvider(StandardLogOptions options, Stream output, TimeProvider time)
    {
        _options = options;
        _format = options.Format == StandardLogFormat.Json ? new JsonRecordFormat() : new TextRecordFormat(options.Color);
        _output = output;
        _time = time;
        _writing = Task.Run(WriteAsync);
    }

    public ILogger CreateLogger(string categoryName) => new StandardLogger(this, categoryName[(categoryName.LastIndexOf('.') + 1)..]);

    /// <summary>Writes what waits still.</summary>
    public void Dispose()
    {
        _queue.Writer.TryComplete();
        _writing.GetAwaiter().GetResult();
    }

    internal bool IsEnabled(LogLevel level) => _options.Format != StandardLogFormat.None && level >= _options.Least && level != LogLevel.None;

    internal void Write(in LogRecord record)
    {
        if (!_queue.Writer.TryWrite(_format.Format(record)))
        {
            Interlocked.Increment(ref _lost);
        }
    }

    internal DateTimeOffset Now => _time.GetUtcNow();

    private async Task WriteAsync()
    {
        var reader = _queue.Reader;
        var buffer = new MemoryStream();
        while (await reader.WaitToReadAsync())
        {
            while (buffer.Length < 64 * 1024 && reader.TryRead(out var text))
            {
                buffer.Write(System.Text.Encoding.UTF8.GetBytes(text));
                buffer.WriteByte((byte)'\n');
            }

            if (Interlocked.Exchange(ref _lost, 0) is var lost and > 0)
            {
                var record = new LogRecord(Now, LogLevel.Warning, "LogRecordsLost", "StandardLogger", $"{lost} log records were lost because the standard stream is not read fast enough.", null, null);
                buffer.Write(System.Text.Encoding.UTF8.GetBytes(_format.Format(record) + "\n"));
            }

            try
            {
                await _output.WriteAsync(buffer.GetBuffer().AsMemory(0, (int)buffer.Length));
                await _output.FlushAsync();
            }
            catch (IOException)
            {
                // Nobody reads the stream any more; the process goes on without it.
            }

            buffer.SetLength(0);
        }
    }
}
