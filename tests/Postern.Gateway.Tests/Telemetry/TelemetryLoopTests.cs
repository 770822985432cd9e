using System.Net;
using Microsoft.Extensions.Logging;
using Postern.Gateway.Loading;
using Postern.Gateway.Telemetry.Sending;
using Postern.Gateway.Tests.Parts;
using Postern.Testing;
using Until = Postern.Gateway.Tests.Parts.Until;

namespace Postern.Gateway.Tests.Telemetry;

public sealed class TelemetryLoopTests : IAsyncDisposable
{
    private readonly ManualTime _time = new();
    private readonly TelemetrySignal _signal = new();
    private readonly TelemetryQueue<int> _queue;
    private readonly CapturedLogs _logs = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly List<(int[] Items, long Dropped)> _sent = [];
    private readonly TelemetryLoop _loop;
    private Func<int[], Task> _answer = _ => Task.CompletedTask;
    private Task _running = Task.CompletedTask;
    private int _attempts;

    public TelemetryLoopTests()
    {
        _queue = new(5, _ => 1, _ => 1, _signal.Set);
        _loop = new([new TelemetryLane<int>("numbers", _queue, 2, 100, PostAsync, _logs.CreateLogger("test"))], _signal, _time);
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _running;
        _stopping.Dispose();
    }

    [Fact]
    public async Task What_waits_through_an_outage_is_sent_after_it_as_far_as_the_queue_reaches()
    {
        _answer = _ => throw new ConfigurationUnavailableException("G220", null, "NotReachable", "It is away.");
        Start();
        Add(1, 2, 3);
        await Until.TrueAsync(() => Volatile.Read(ref _attempts) > 0 && _time.Waiting > 0);
        Add(4, 5, 6, 7);

        _answer = _ => Task.CompletedTask;
        await Until.TrueAsync(() =>
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            return Sent().Count == 5;
        });

        Assert.Equal([3, 4, 5, 6, 7], Sent());
        Assert.Equal(2, _sent[0].Dropped);
        Assert.Equal(0, _sent[^1].Dropped);
    }

    [Fact]
    public async Task A_piece_that_is_refused_for_good_does_not_keep_back_what_comes_after_it()
    {
        _answer = items => items.Contains(1) ? throw new ConfigurationUnavailableException("G225", HttpStatusCode.BadRequest, "ValidationError", "It is odd.") : Task.CompletedTask;
        Add(1, 2, 3);
        Start();

        await Until.TrueAsync(() => Sent().Count == 1);

        Assert.Equal([3], Sent());
        Assert.Equal(2, _sent[0].Dropped);
        Assert.Equal(1, _logs.CountOf("TelemetryRefused"));
    }

    [Fact]
    public async Task The_end_waits_for_the_rest_no_longer_than_its_bound()
    {
        var waiting = new TaskCompletionSource();
        _answer = async _ => await waiting.Task;
        Add(1);

        var flushing = _loop.FlushAsync();
        Assert.False(flushing.IsCompleted);
        _time.Advance(TelemetryLoop.FlushWithin);

        await flushing.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        Assert.Empty(Sent());
    }

    [Fact]
    public async Task The_end_sends_the_rest()
    {
        Add(1, 2, 3);

        await _loop.FlushAsync();

        Assert.Equal([1, 2, 3], Sent());
    }

    private void Start() => _running = Task.Run(() => _loop.RunAsync(_stopping.Token));

    private void Add(params int[] numbers)
    {
        foreach (var number in numbers)
        {
            _queue.Add(number);
        }
    }

    private List<int> Sent()
    {
        lock (_sent)
        {
            return [.. _sent.SelectMany(piece => piece.Items)];
        }
    }

    private async Task PostAsync(TelemetryPiece<int> piece, CancellationToken cancellation)
    {
        Interlocked.Increment(ref _attempts);
        await _answer([.. piece.Items]).WaitAsync(cancellation);
        lock (_sent)
        {
            _sent.Add(([.. piece.Items], piece.Dropped));
        }
    }
}
