using System.Text;
using Microsoft.AspNetCore.Http;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;
using Postern.Policies.Language;
using Postern.Policies.Runtime;

namespace Postern.Policies.BuiltIn;

/// <summary>Values and responses as bytes for the cache: one byte says of which kind, so that types come back as they went.</summary>
internal static class CacheCodec
{
    private const byte TextKind = 1;
    private const byte BytesKind = 2;
    private const byte JsonKind = 3;
    private const byte ResponseKind = 4;
    private const int MostHeaders = 10_000;

    public static byte[] EncodeValue(object? value)
    {
        using var stream = new MemoryStream();
        switch (value)
        {
            case string text:
                stream.WriteByte(TextKind);
                stream.Write(Encoding.UTF8.GetBytes(text));
                break;
            case byte[] bytes:
                stream.WriteByte(BytesKind);
                stream.Write(bytes);
                break;
            default:
                // Other values go as JSON with the name of their kind; a kind that is not one of these comes back as text.
                stream.WriteByte(JsonKind);
                var token = value as JToken ?? (value is null ? JValue.CreateNull() : IsScalar(value) ? new JValue(value) : new JValue(ValueConversion.ToText(value)));
                var kind = value is JToken ? "json" : value is null || !IsScalar(value) ? "" : value.GetType().Name;
                stream.Write(Encoding.UTF8.GetBytes(new JObject { ["k"] = kind, ["v"] = token }.ToString(Formatting.None)));
                break;
        }

        return stream.ToArray();
    }

    /// <returns>False when the bytes are none of ours.</returns>
    public static bool TryDecodeValue(byte[] bytes, out object? value)
    {
        value = null;
        if (bytes.Length == 0)
        {
            return false;
        }

        switch (bytes[0])
        {
            case TextKind:
                value = Encoding.UTF8.GetString(bytes, 1, bytes.Length - 1);
                return true;
            case BytesKind:
                value = bytes[1..];
                return true;
            case JsonKind:
                return TryDecodeJson(Encoding.UTF8.GetString(bytes, 1, bytes.Length - 1), out value);
            default:
                return false;
        }
    }

    public static byte[] EncodeResponse(PolicyResponse response, ReadOnlyMemory<byte> body)
    {
        using var stream = new MemoryStream();
        stream.WriteByte(ResponseKind);
        using var writer = new BinaryWriter(stream, Encoding.UTF8, leaveOpen: true);
        writer.Write(response.StatusCode);
        writer.Write(response.Reason ?? "");
        var headers = response.Headers.Where(header => !HeaderRules.IsFramed(header.Key) && !header.Key.Equals("Set-Cookie", StringComparison.OrdinalIgnoreCase)).ToList();
        writer.Write(headers.Count);
        foreach (var (name, values) in headers)
        {
            writer.Write(name);
            writer.Write(values.Count);
            foreach (var value in values)
            {
                writer.Write(value ?? "");
            }
        }

        writer.Write(body.Length);
        writer.Write(body.Span);
        return stream.ToArray();
    }

    /// <returns>Null when the bytes are none of ours.</returns>
    public static PolicyResponse? DecodeResponse(byte[] bytes)
    {
        if (bytes.Length == 0 || bytes[0] != ResponseKind)
        {
            return null;
        }

        // An external cache may be written to by others: whatever does not look like a response of ours is a miss.
        try
        {
            using var reader = new BinaryReader(new MemoryStream(bytes, 1, bytes.Length - 1), Encoding.UTF8);
            var response = new PolicyResponse { Headers = new HeaderDictionary(), StatusCode = reader.ReadInt32(), Exists = true };
            response.Reason = reader.ReadString() is { Length: > 0 } reason ? reason : null;
            var left = ReadCount(reader);
            var fits = response.StatusCode is >= 200 and < 600 && HeaderRules.IsValue(response.Reason ?? "");
            for (; left > 0 && fits; left--)
            {
                var name = reader.ReadString();
                var values = new string[ReadCount(reader)];
                for (var j = 0; j < values.Length; j++)
                {
                    values[j] = reader.ReadString();
                }

                fits = HeaderRules.IsName(name) && !HeaderRules.IsFramed(name) && Array.TrueForAll(values, HeaderRules.IsValue);
                response.Headers[name] = values;
            }

            var length = reader.ReadInt32();
            if (!fits || length != reader.BaseStream.Length - reader.BaseStream.Position)
            {
                return null;
            }

            response.Body.SetBytes(bytes.AsMemory(bytes.Length - length));
            return response;
        }
        catch (Exception problem) when (problem is IOException or FormatException or ArgumentException or OverflowException)
        {
            return null;
        }
    }

    /// <exception cref="FormatException">More than any response of ours has.</exception>
    private static int ReadCount(BinaryReader reader) =>
        reader.ReadInt32() is >= 0 and <= MostHeaders and var count ? count : throw new FormatException("The entry is not a response.");

    private static bool IsScalar(object value) =>
        value is bool or byte or sbyte or short or ushort or int or uint or long or ulong or float or double or decimal or DateTime or TimeSpan or Guid or char;

    private static bool TryDecodeJson(string text, out object? value)
    {
        value = null;
        try
        {
            using var reader = new JsonTextReader(new StringReader(text)) { DateParseHandling = DateParseHandling.None };
            var entry = (JObject)JToken.ReadFrom(reader);
            var token = entry["v"]!;
            value = (string?)entry["k"] switch
            {
                "json" => token,
                "Boolean" => (object)(bool)token,
                "Byte" => (object)(byte)token,
                "SByte" => (object)(sbyte)token,
                "Int16" => (object)(short)token,
                "UInt16" => (object)(ushort)token,
                "Int32" => (object)(int)token,
                "UInt32" => (object)(uint)token,
                "Int64" => (object)(long)token,
                "UInt64" => (object)(ulong)token,
                "Single" => (object)(float)token,
                "Double" => (object)(double)token,
                "Decimal" => (object)(decimal)token,
                "DateTime" => DateTime.Parse((string)token!, System.Globalization.CultureInfo.InvariantCulture, System.Globalization.DateTimeStyles.RoundtripKind),
                "TimeSpan" => TimeSpan.Parse((string)token!, System.Globalization.CultureInfo.InvariantCulture),
                "Guid" => Guid.Parse((string)token!),
                "Char" => ((string)token!)[0],
                _ => (object?)(string?)token,
            };
            return true;
        }
        catch (Exception problem) when (problem is JsonException or FormatException or InvalidCastException or OverflowException)
        {
            return false;
        }
    }
}

internal enum CachingType : byte
{
    PreferExternal,
    External,
    Internal,
}
