using System.Globalization;
using System.Text;
using Microsoft.Extensions.Logging;

namespace Postern.Hosting.Logging;

/// <summary>
/// The product's text: <c>[Info] 2026-01-31T12:00:00.000 [EventType], message: …, source: …[, correlationId: …]</c>. The label is padded to
/// seven characters and the time follows at once, so longer labels touch it: <c>[Error]2026…</c>.
/// </summary>
internal sealed class TextRecordFormat(bool color) : IRecordFormat
{
    public string Format(in LogRecord record)
    {
        var text = new StringBuilder(256);
        if (color)
        {
            text.Append(Color(record.Level));
        }

        text.Append(Label(record.Level).PadRight(7))
            .Append(record.Time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff", CultureInfo.InvariantCulture))
            .Append(" [").Append(record.EventType).Append(']');
        if (record.IsRequest)
        {
            Fields(text, record.Values!);
        }
        else
        {
            Event(text, record);
        }

        return color ? text.Append("\u001b[0m").ToString() : text.ToString();
    }

    private static void Event(StringBuilder text, in LogRecord record)
    {
        if (record.Message.Length > 0 || record.Exception is null)
        {
            text.Append(", message: ").Append(OneLine(record.Message));
        }

        if (record.Exception is not null)
        {
            text.Append(", exception: ").Append(record.Exception);
        }

        text.Append(", source: ").Append(record.Source);
        if (record.Find("correlationId") is { } correlation)
        {
            text.Append(CultureInfo.InvariantCulture, $", correlationId: {correlation}");
        }
    }

    private static void Fields(StringBuilder text, IReadOnlyList<KeyValuePair<string, object?>> values)
    {
        foreach (var (name, value) in values)
        {
            if (value is not null)
            {
                text.Append(", ").Append(name).Append(": ").Append(value is string written ? OneLine(written) : Convert.ToString(value, CultureInfo.InvariantCulture));
            }
        }
    }

    /// <summary>Line ends in a message would let a caller forge records.</summary>
    private static string OneLine(string text) =>
        text.AsSpan().IndexOfAny('\r', '\n') < 0 ? text : text.Replace("\r", "\\r", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);

    private static string Label(LogLevel level) => level switch
    {
        LogLevel.Trace or LogLevel.Debug => "[Debug]",
        LogLevel.Information => "[Info]",
        LogLevel.Warning => "[Warn]",
        LogLevel.Error => "[Error]",
        _ => "[Fatal]",
    };

    private static string Color(LogLevel level) => level switch
    {
        LogLevel.Trace or LogLevel.Debug => "\u001b[90m",
        LogLevel.Information => "\u001b[37m",
        LogLevel.Warning => "\u001b[33m",
        _ => "\u001b[31m",
    };
}
