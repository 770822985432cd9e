using System.Buffers;
using System.Text;
using Postern.Gateway.Caching.Redis;

namespace Postern.Gateway.Tests.Caching;

public sealed class RespReaderTests
{
    [Theory]
    [InlineData("+OK\r\n", "Status OK")]
    [InlineData("-ERR no\r\n", "Error ERR no")]
    [InlineData(":42\r\n", "Integer 42")]
    [InlineData(":-1\r\n", "Integer -1")]
    [InlineData("$-1\r\n", "Nothing")]
    [InlineData("$0\r\n\r\n", "Value ")]
    [InlineData("$5\r\na\r\nb!\r\n", "Value a\r\nb!")]
    public void A_reply_is_read_when_all_of_it_is_there_and_not_before(string text, string read)
    {
        var bytes = Encoding.ASCII.GetBytes(text);
        for (var length = 0; length < bytes.Length; length++)
        {
            var part = new ReadOnlySequence<byte>(bytes, 0, length);
            Assert.False(RespReader.TryRead(ref part, 100, out _));
            Assert.Equal(length, part.Length);
        }

        var whole = new ReadOnlySequence<byte>([.. bytes, (byte)'+']);
        Assert.True(RespReader.TryRead(ref whole, 100, out var reply));
        Assert.Equal(1, whole.Length);
        Assert.Equal(read, reply.Kind switch
        {
            RespKind.Integer => $"Integer {reply.Number}",
            RespKind.Nothing => "Nothing",
            _ => $"{reply.Kind} {Encoding.ASCII.GetString(reply.Bytes!)}",
        });
    }

    [Theory]
    [InlineData("*1\r\n$1\r\na\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\n")]
    [InlineData("$101\r\n")]
    [InlineData("$-2\r\n")]
    [InlineData("$99999999999999999999\r\n")]
    [InlineData("$999999999999999999999999\r\n")]
    [InlineData("$1x\r\n")]
    [InlineData("$\r\n")]
    [InlineData("$1\r\nabc\r\n")]
    [InlineData(":\r\n")]
    public void What_is_no_reply_is_refused(string text)
    {
        var buffer = new ReadOnlySequence<byte>(Encoding.ASCII.GetBytes(text));
        Assert.Throws<InvalidDataException>(() => RespReader.TryRead(ref buffer, 100, out _));
    }

    [Fact]
    public void A_line_without_end_is_not_waited_for()
    {
        var buffer = new ReadOnlySequence<byte>(Encoding.ASCII.GetBytes("+" + new string('x', 10_000)));
        Assert.Throws<InvalidDataException>(() => RespReader.TryRead(ref buffer, 100, out _));
    }

    [Fact]
    public void Arbitrary_bytes_are_replies_or_refused_and_nothing_else()
    {
        var random = new Random(5);
        const string Alphabet = "+-:$*0123456789\r\nab";
        for (var i = 0; i < 20_000; i++)
        {
            var bytes = new byte[random.Next(40)];
            for (var j = 0; j < bytes.Length; j++)
            {
                bytes[j] = (byte)Alphabet[random.Next(Alphabet.Length)];
            }

            var buffer = new ReadOnlySequence<byte>(bytes);
            try
            {
                var before = buffer.Length;
                while (RespReader.TryRead(ref buffer, 100, out _))
                {
                    Assert.True(buffer.Length < before);
                    before = buffer.Length;
                }
            }
            catch (InvalidDataException)
            {
                // Refused.
            }
        }
    }

    [Fact]
    public void The_words_of_a_server_are_short_and_on_one_line_in_logs() =>
        Assert.Equal(200, new RespReply(RespKind.Error, Encoding.ASCII.GetBytes("a\u0007\n" + new string('x', 500))).Text.Replace(' ', 'x').Length);
}
