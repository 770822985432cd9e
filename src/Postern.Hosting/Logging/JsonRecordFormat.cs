using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.Extensions.Logging;

namespace Postern.Hosting.Logging;

/// <summary>One JSON object per line, with the product's member names.</summary>
internal sealed class JsonRecordFormat : IRecordFormat
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public string Format(in LogRecord record)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(buffer, Options))
        {
            json.WriteStartObject();
            if (!record.IsRequest)
            {
                json.WriteString("level", Level(record.Level));
                json.WriteString("timestamp", record.Time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff'Z'", CultureInfo.InvariantCulture));
                json.WriteString("eventType", record.EventType);
                if (record.Message.Length > 0)
                {
                    json.WriteString("message", record.Message);
                }

                if (record.Exception is not null)
                {
                    json.WriteString("exception", record.Exception.ToString());
                }

                json.WriteString("source", record.Source);
            }

            Values(json, record);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static void Values(Utf8JsonWriter json, in LogRecord record)
    {
        if (record.Values is null)
        {
            return;
        }

        foreach (var (name, value) in record.Values)
        {
            if (value is not null && name.Length > 0 && name != "{OriginalFormat}" && (record.IsRequest || !IsTaken(name)))
            {
                json.WritePropertyName(char.ToLowerInvariant(name[0]) + name[1..]);
                Value(json, value);
            }
        }
    }

    private static bool IsTaken(string name) =>
        name.Equals("level", StringComparison.OrdinalIgnoreCase) || name.Equals("timestamp", StringComparison.OrdinalIgnoreCase)
        || name.Equals("eventType", StringComparison.OrdinalIgnoreCase) || name.Equals("message", StringComparison.OrdinalIgnoreCase)
        || name.Equals("exception", StringComparison.OrdinalIgnoreCase) || name.Equals("source", StringComparison.OrdinalIgnoreCase);

    private static void Value(Utf8JsonWriter json, object value)
    {
        switch (value)
        {
            case bool flag:
                json.WriteBooleanValue(flag);
                break;
            case int or long or short or byte:
                json.WriteNumberValue(Convert.ToInt64(value, CultureInfo.InvariantCulture));
                break;
            case double number when double.IsFinite(number):
                json.WriteNumberValue(number);
                break;
            case IReadOnlyList<KeyValuePair<string, object?>> members:
                json.WriteStartObject();
                foreach (var (name, member) in members)
                {
                    if (member is not null)
                    {
                        json.WritePropertyName(name);
                        Value(json, member);
                    }
                }

                json.WriteEndObject();
                break;
            default:
                json.WriteStringValue(Convert.ToString(value, CultureInfo.InvariantCulture));
                break;
        }
    }

    private static string Level(LogLevel level) => level switch
    {
        LogLevel.Trace or LogLevel.Debug => "Verbose",
        LogLevel.Information => "Information",
        LogLevel.Warning => "Warning",
        LogLevel.Error => "Error",
        _ => "Critical",
    };
}
