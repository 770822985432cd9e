using System.Buffers;
using System.Globalization;
using System.Text;

namespace Postern.Gateway.Caching.Redis;

/// <summary>One command and the promise of its reply.</summary>
internal sealed class RedisCommand(params ReadOnlyMemory<byte>[] words)
{
    private readonly TaskCompletionSource<RespReply> _reply = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Never fails: a connection that ends gives <see cref="RespKind.Lost"/>.</summary>
    public Task<RespReply> Reply => _reply.Task;

    /// <summary>Bytes on the wire, roughly.</summary>
    public int Size { get; } = words.Sum(word => word.Length + 16);

    public static RedisCommand Of(params string[] words) => new([.. words.Select(Bytes)]);

    /// <summary>Asks for one byte more than fits, so that the server never sends more than that.</summary>
    public static RedisCommand Get(string key, int largest) => new(Bytes("GETRANGE"), Bytes(key), Bytes("0"), Bytes(Text(largest)));

    public static RedisCommand Set(string key, ReadOnlyMemory<byte> value, TimeSpan duration) =>
        new(Bytes("SET"), Bytes(key), value, Bytes("PX"), Bytes(Text((long)Math.Max(1, duration.TotalMilliseconds))));

    public void Answer(RespReply reply) => _reply.TrySetResult(reply);

    public void WriteTo(IBufferWriter<byte> output)
    {
        Line(output, '*', words.Length);
        foreach (var word in words)
        {
            Line(output, '$', word.Length);
            output.Write(word.Span);
            output.Write("\r\n"u8);
        }
    }

    private static void Line(IBufferWriter<byte> output, char kind, int number)
    {
        var span = output.GetSpan(16);
        span[0] = (byte)kind;
        number.TryFormat(span[1..], out var length, provider: CultureInfo.InvariantCulture);
        "\r\n"u8.CopyTo(span[(length + 1)..]);
        output.Advance(length + 3);
    }

    private static ReadOnlyMemory<byte> Bytes(string text) => Encoding.UTF8.GetBytes(text);

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
