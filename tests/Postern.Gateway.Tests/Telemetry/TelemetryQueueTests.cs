using Postern.Gateway.Telemetry.Sending;

namespace Postern.Gateway.Tests.Telemetry;

public sealed class TelemetryQueueTests
{
    private int _signals;

    [Fact]
    public void The_oldest_goes_when_there_is_no_room_and_is_counted()
    {
        var queue = Queue(limit: 3);
        foreach (var number in (int[])[1, 2, 3, 4, 5])
        {
            queue.Add(number);
        }

        var piece = queue.Next(10, 10)!;

        Assert.Equal([3, 4, 5], piece.Items);
        Assert.Equal(2, piece.Dropped);
        Assert.Equal(5, _signals);
    }

    [Fact]
    public void What_was_not_taken_stays_in_its_order()
    {
        var queue = Queue(limit: 10);
        queue.Add(1);
        queue.Add(2);

        Assert.Equal([1], queue.Next(1, 10)!.Items);
        Assert.Equal([1, 2], queue.Next(10, 10)!.Items);
        queue.Done(queue.Next(1, 10)!);
        Assert.Equal([2], queue.Next(10, 10)!.Items);
    }

    [Fact]
    public void What_is_dropped_while_a_piece_is_on_its_way_is_told_with_the_next()
    {
        var queue = Queue(limit: 3);
        queue.Add(1);
        queue.Add(2);
        queue.Add(3);
        var sending = queue.Next(2, 10)!;

        queue.Add(4);
        queue.Add(5);
        queue.Add(6);
        queue.Done(sending);

        // 1 and 2 were on their way when they had to make room, and so counted as lost although they arrived; 3 is lost.
        var next = queue.Next(10, 10)!;
        Assert.Equal([4, 5, 6], next.Items);
        Assert.Equal(3, next.Dropped);
        queue.Done(next);
        Assert.Null(queue.Next(10, 10));
    }

    [Fact]
    public void What_the_control_plane_refuses_counts_as_lost()
    {
        var queue = Queue(limit: 10);
        queue.Add(1);
        queue.Add(2);
        queue.Refused(queue.Next(1, 10)!);

        var next = queue.Next(10, 10)!;

        Assert.Equal([2], next.Items);
        Assert.Equal(1, next.Dropped);
        Assert.Equal(1, queue.EverDropped);
    }

    [Fact]
    public void A_piece_keeps_to_the_weight_but_holds_at_least_one()
    {
        var queue = new TelemetryQueue<string>(100, text => text.Length, _ => 1, () => { });
        queue.Add("aaaaaaaa");
        queue.Add("bb");
        queue.Add("c");

        Assert.Equal(["aaaaaaaa"], queue.Next(10, 5)!.Items);
        queue.Done(queue.Next(10, 5)!);
        Assert.Equal(["bb", "c"], queue.Next(10, 5)!.Items);
    }

    [Fact]
    public void What_is_heavier_than_the_whole_queue_is_lost_alone()
    {
        var queue = new TelemetryQueue<string>(4, text => text.Length, _ => 1, () => { });
        queue.Add("a");
        queue.Add("too heavy");

        Assert.Equal(["a"], queue.Next(10, 10)!.Items);
        Assert.Equal(1, queue.EverDropped);
    }

    private TelemetryQueue<int> Queue(long limit) => new(limit, _ => 1, _ => 1, () => _signals++);
}
