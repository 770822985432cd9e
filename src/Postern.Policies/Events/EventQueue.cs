using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Postern.Policies.BuiltIn;
using Postern.Policies.Runtime;

namespace Postern.Policies.Events;

/// <param name="PartitionId">Null unless the policy names one; so for <paramref name="PartitionKey"/>.</param>
internal sealed record HubEvent(EventHubLogger Hub, string? PartitionId, string? PartitionKey, string Text)
{
    public bool GoesWith(HubEvent other) => Hub == other.Hub && PartitionId == other.PartitionId && PartitionKey == other.PartitionKey;
}

/// <summary>
/// Events on their way to event hubs. Requests never wait for them: what can't be sent in time is dropped, the oldest first, and told.
/// Events of one destination that wait together go in one message.
/// </summary>
internal sealed class EventQueue
{
    public const int Most = 10_000;
    private const int MostBytes = 200 * 1024;
    private const int Attempts = 3;

    /// <summary>Bytes of an answer: hubs send none, and errors are short.</summary>
    private const int LongestAnswer = 256 * 1024;

    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly Queue<HubEvent> _waiting = new();
    private Task _sending = Task.CompletedTask;
    private string? _failure;
    private long _dropped;

    /// <summary>Events that never arrived, since the start.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    /// <summary>Completes when nothing waits.</summary>
    public Task Sent
    {
        get
        {
            lock (_gate)
            {
                return _sending;
            }
        }
    }

    /// <summary>What went wrong since it was last asked; null when nothing did.</summary>
    public string? TakeFailure() => Interlocked.Exchange(ref _failure, null);

    public void Add(HubEvent item, PolicyResources resources, TimeProvider time)
    {
        lock (_gate)
        {
            if (_waiting.Count == Most)
            {
                _waiting.Dequeue();
                Drop(1, "Too many events are waiting; the oldest was dropped.");
            }

            _waiting.Enqueue(item);
            if (_sending.IsCompleted)
            {
                _sending = Task.Run(() => SendAllAsync(resources, time));
            }
        }
    }

    private async Task SendAllAsync(PolicyResources resources, TimeProvider time)
    {
        while (Take() is { Count: > 0 } batch)
        {
            await SendAsync(batch, resources, time);
        }
    }

    private List<HubEvent> Take()
    {
        lock (_gate)
        {
            var batch = new List<HubEvent>();
            var bytes = 0;
            while (_waiting.TryPeek(out var next) && (batch.Count == 0 || (next.GoesWith(batch[0]) && bytes + Encoding.UTF8.GetByteCount(next.Text) <= MostBytes)))
            {
                bytes += Encoding.UTF8.GetByteCount(next.Text);
                batch.Add(_waiting.Dequeue());
            }

            if (batch.Count == 0)
            {
                // Said under the lock: whoever adds next must start a new one.
                _sending = Task.CompletedTask;
            }

            return batch;
        }
    }

    private async Task SendAsync(List<HubEvent> batch, PolicyResources resources, TimeProvider time)
    {
        var problem = "";
        for (var attempt = 1; attempt <= Attempts; attempt++)
        {
            try
            {
                using var limit = new CancellationTokenSource(Timeout, time);
                var response = new PolicyResponse { Headers = new HeaderDictionary() };
                await resources.Http!.SendAsync(await RequestAsync(batch, resources, time, limit.Token), response, limit.Token);
                if (response.StatusCode is >= 200 and < 300)
                {
                    return;
                }

                problem = $"the event hub answered with {response.StatusCode}";
                if (response.StatusCode is >= 400 and < 500 and not (408 or 429))
                {
                    break;
                }
            }
            catch (Exception failure)
            {
                problem = failure is OperationCanceledException ? "the event hub did not answer in time" : failure.Message;
            }

            if (attempt < Attempts)
            {
                await Task.Delay(Pause, time);
            }
        }

        Drop(batch.Count, $"{batch.Count} events were not sent: {problem}");
    }

    private static async Task<OutgoingRequest> RequestAsync(List<HubEvent> batch, PolicyResources resources, TimeProvider time, CancellationToken cancellation)
    {
        var first = batch[0];
        var request = ServiceCall.Post("application/vnd.microsoft.servicebus.json", JsonSerializer.SerializeToUtf8Bytes(batch.Select(Item)));
        request.Headers.Authorization = first.Hub.Key is not null
            ? SharedAccessSignature.Create(first.Hub, time.GetUtcNow() + TimeSpan.FromMinutes(5))
            : $"Bearer {await (resources.IdentityTokens ?? throw new InvalidOperationException(PolicyResources.NoIdentity)).GetAsync("https://eventhubs.azure.net", first.Hub.ClientId, cancellation)}";
        var partition = first.PartitionId is null ? "" : $"/partitions/{Uri.EscapeDataString(first.PartitionId)}";
        return new(new($"{first.Hub.Address.AbsoluteUri.TrimEnd('/')}{partition}/messages"), request) { LongestAnswer = LongestAnswer };
    }

    private static Dictionary<string, object> Item(HubEvent item) => item.PartitionKey is null
        ? new() { ["Body"] = item.Text }
        : new() { ["Body"] = item.Text, ["BrokerProperties"] = new Dictionary<string, string> { ["PartitionKey"] = item.PartitionKey } };

    private void Drop(int count, string problem)
    {
        Interlocked.Add(ref _dropped, count);
        _failure = problem;
    }
}
