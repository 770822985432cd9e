using Postern.Gateway.Forwarding;

namespace Postern.Gateway.Tests.Forwarding;

public sealed class WebSocketFramesTests
{
    [Theory]
    [InlineData(0, false)]
    [InlineData(5, true)]
    [InlineData(125, false)]
    [InlineData(126, true)]
    [InlineData(65_535, false)]
    [InlineData(65_536, true)]
    public void A_frame_ends_where_its_length_says_however_it_is_cut(int length, bool masked)
    {
        byte[] header = length switch
        {
            < 126 => [0x82, (byte)length],
            < 65_536 => [0x82, 126, (byte)(length >> 8), (byte)length],
            _ => [0x82, 127, 0, 0, 0, 0, (byte)(length >> 24), (byte)(length >> 16), (byte)(length >> 8), (byte)length],
        };
        header[1] |= (byte)(masked ? 0x80 : 0);
        byte[] frame = [.. header, .. masked ? new byte[] { 1, 2, 3, 4 } : [], .. new byte[length]];
        foreach (var piece in (int[])[1, 3, 1000, frame.Length])
        {
            var frames = new WebSocketFrames();
            for (var at = 0; at < frame.Length; at += piece)
            {
                var end = Math.Min(at + piece, frame.Length);
                frames.Pass(frame.AsSpan(at..end));
                Assert.Equal(end == frame.Length, frames.AtBoundary);
            }

            Assert.False(frames.HasClosed);
            frames.Pass(WebSocketFrames.CloseFrame(1001, masked));
            Assert.True(frames.AtBoundary && frames.HasClosed);
        }
    }

    [Fact]
    public void Close_frames_carry_their_status_masked_and_not()
    {
        Assert.Equal([0x88, 2, 0x03, 0xE9], WebSocketFrames.CloseFrame(1001, masked: false));
        var masked = WebSocketFrames.CloseFrame(1001, masked: true);
        Assert.Equal([0x88, 0x82, 0x03, 0xE9], (byte[])[masked[0], masked[1], (byte)(masked[6] ^ masked[2]), (byte)(masked[7] ^ masked[3])]);
    }
}
