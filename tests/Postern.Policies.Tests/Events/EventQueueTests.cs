using System.Text;
using System.Text.Json;
using Postern.Policies.BuiltIn;
using Postern.Policies.Events;
using Postern.Policies.Runtime;
using Postern.Policies.Testing;

namespace Postern.Policies.Tests.Events;

public sealed class EventQueueTests
{
    private static readonly EventHubLogger Hub = new(new Uri("https://contoso.servicebus.windows.net/hub"), "send", "secret", null);

    [Fact]
    public void A_long_message_is_cut_at_a_whole_character()
    {
        var cut = LogToEventHubPolicy.Cut(new string('€', LogToEventHubPolicy.Longest));

        Assert.Equal(LogToEventHubPolicy.Longest / 3 * 3, Encoding.UTF8.GetByteCount(cut));
        Assert.DoesNotContain('\uFFFD', cut);
    }

    [Fact]
    public async Task While_the_event_hub_is_slow_events_gather_and_the_oldest_are_dropped()
    {
        var clock = new CaseClock();
        var service = new SlowHub();
        var resources = new PolicyResources(service, null);
        var queue = new EventQueue();
        queue.Add(new(Hub, null, null, "first"), resources, clock);
        await service.Called.Task.WaitAsync(TestContext.Current.CancellationToken);
        for (var i = 0; i < EventQueue.Most + 5; i++)
        {
            queue.Add(new(Hub, null, null, $"{i}"), resources, clock);
        }

        service.Open.SetResult();
        await queue.Sent;

        Assert.Equal(5, queue.Dropped);
        Assert.Equal(EventQueue.Most + 1, service.Received.Count);
        Assert.Equal(["first", "5", "6"], service.Received.Take(3));
        Assert.Equal("Too many events are waiting; the oldest was dropped.", queue.TakeFailure());
        Assert.True(service.Calls < 10, "events that wait together go together");
    }

    private sealed class SlowHub : IPolicyHttpClient
    {
        public TaskCompletionSource Called { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource Open { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public List<string> Received { get; } = [];

        public int Calls { get; private set; }

        public async ValueTask SendAsync(OutgoingRequest request, PolicyResponse response, CancellationToken cancellation)
        {
            Calls++;
            Called.TrySetResult();
            await Open.Task.WaitAsync(cancellation);
            using var events = JsonDocument.Parse(request.Message.Body.Bytes);
            Received.AddRange(events.RootElement.EnumerateArray().Select(item => item.GetProperty("Body").GetString()!));
            response.StatusCode = 201;
        }
    }
}
