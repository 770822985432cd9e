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

    private int _hops;

    /// <summary>Bytes on the wire, roughly.</summary>
    public int Size { get; } = words.Sum(word => word.Length + 16);

    /// <summary>Of the key; only for commands that have one.</summary>
    public int Slot => RedisSlot.Of(words[1].Span);

    /// <summary>The connection that it went out on last.</summary>
    public RedisConnection? Carrier { get; set; }

    /// <summary>Goes out right before this one, so that a cluster's member answers for a slot that is still on its way to it.</summary>
    public RedisCommand? Asking { get; private set; }

    public static RedisCommand Of(params string[] words) => new([.. words.Select(Bytes)]);

    /// <summary>Asks for one byte more than fits, so that the server never sends more than that.</summary>
    public static RedisCommand Get(string key, int largest) => new(Bytes("GETRANGE"), Bytes(key), Bytes("0"), Bytes(Text(largest)));

    public static RedisCommand Set(string key, ReadOnlyMemory<byte> value, TimeSpan duration) =>
        new(Bytes("SET"), Bytes(key), value, Bytes("PX"), Bytes(Text((long)Math.Max(1, duration.TotalMilliseconds))));

    public void Answer(RespReply reply) => _reply.TrySetResult(reply);

    /// <summary>Readies it for another member of the cluster.</summary>
    /// <returns>Null when it was sent on too often: members that send it round in circles.</returns>
    public RedisCommand? Redirected(bool asking, int most)
    {
        Asking = asking ? Of("ASKING") : null;
        return ++_hops > most ? null : this;
    }

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
