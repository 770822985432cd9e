using System.Collections.Concurrent;
using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Postern.Hosting.Tls;
using Postern.Snapshots;

namespace Postern.Gateway.Tests.Parts;

/// <summary>Speaks the configuration API over HTTPS from a set of entities that a test changes.</summary>
internal sealed class FakeConfigurationServer : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, SnapshotEntity> _entities = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _hashes = new(StringComparer.Ordinal);
    private readonly List<SnapshotChange> _log = [];
    private readonly WebApplication _app;
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _revision = 1;

    private FakeConfigurationServer(WebApplication app) => _app = app;

    public Uri Address { get; private set; } = null!;

    public ConcurrentQueue<string> Authorizations { get; } = [];

    public ConcurrentQueue<Heartbeat> Heartbeats { get; } = [];

    public ConcurrentQueue<MetricBatch> Metrics { get; } = [];

    public ConcurrentQueue<TraceBatch> Traces { get; } = [];

    public ConcurrentQueue<EventBatch> Events { get; } = [];

    public ConcurrentQueue<string> Requests { get; } = [];

    /// <summary>When set, every call is refused with it.</summary>
    public (HttpStatusCode Status, ErrorBody Error)? Refusal { get; set; }

    /// <summary>When set, the hash that is told is wrong.</summary>
    public bool Damaged { get; set; }

    /// <summary>When set, the events of old revisions are gone.</summary>
    public bool ForgetsEvents { get; set; }

    public static async Task<FakeConfigurationServer> StartAsync(DevelopmentCertificates certificates)
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.Services.AddRoutingCore();
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(server =>
            server.Listen(IPAddress.Loopback, 0, listen => listen.UseHttps(certificates.IssueLoopback())));
        var app = builder.Build();
        var fake = new FakeConfigurationServer(app);
        app.Run(fake.AnswerAsync);
        await app.StartAsync();
        fake.Address = new(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single().Replace("127.0.0.1", "localhost"));
        return fake;
    }

    public long Put(params IEnumerable<SnapshotEntity> entities)
    {
        lock (_gate)
        {
            var list = entities.ToList();
            foreach (var entity in list)
            {
                _entities[entity.Key] = entity;
                _hashes[entity.Key] = SnapshotHash.Of(entity);
            }

            return Log(list, []);
        }
    }

    public long Remove(params IReadOnlyList<string> keys)
    {
        lock (_gate)
        {
            foreach (var key in keys)
            {
                _entities.Remove(key);
                _hashes.Remove(key);
            }

            return Log([], keys);
        }
    }

    public ValueTask DisposeAsync()
    {
        _changed.TrySetResult();
        return _app.DisposeAsync();
    }

    private long Log(IReadOnlyList<SnapshotEntity> put, IReadOnlyList<string> removed)
    {
        var from = _revision++;
        _log.Add(new(SnapshotFormat.Current, from, _revision, SnapshotHash.OfSet(_hashes), put, removed));
        var changed = _changed;
        _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        changed.TrySetResult();
        return _revision;
    }

    private async Task AnswerAsync(HttpContext context)
    {
        Requests.Enqueue($"{context.Request.Method} {context.Request.Path}{context.Request.QueryString}");
        Authorizations.Enqueue(context.Request.Headers.Authorization.ToString());
        if (Refusal is { } refusal)
        {
            context.Response.StatusCode = (int)refusal.Status;
            await WriteAsync(context, new ErrorEnvelope(refusal.Error), SnapshotJson.Default.ErrorEnvelope);
            return;
        }

        switch (context.Request.Path.Value!.Split('/')[^1])
        {
            case "snapshot":
                Snapshot snapshot;
                lock (_gate)
                {
                    snapshot = new(SnapshotFormat.Current, _revision, Damaged ? new string('0', 64) : SnapshotHash.OfSet(_hashes), [.. _entities.Values]);
                }

                await WriteAsync(context, snapshot, SnapshotJson.Default.Snapshot);
                return;
            case "events" when context.Request.Method == "POST":
                Events.Enqueue((await JsonSerializer.DeserializeAsync(context.Request.Body, SnapshotJson.Default.EventBatch))!);
                context.Response.StatusCode = 204;
                return;
            case "events":
                await EventsAsync(context);
                return;
            case "heartbeat":
                Heartbeats.Enqueue((await JsonSerializer.DeserializeAsync(context.Request.Body, SnapshotJson.Default.Heartbeat))!);
                context.Response.StatusCode = 204;
                return;
            case "traces":
                Traces.Enqueue((await JsonSerializer.DeserializeAsync(context.Request.Body, SnapshotJson.Default.TraceBatch))!);
                context.Response.StatusCode = 204;
                return;
            case "metrics":
                Metrics.Enqueue((await JsonSerializer.DeserializeAsync(context.Request.Body, SnapshotJson.Default.MetricBatch))!);
                context.Response.StatusCode = 204;
                return;
            default:
                context.Response.StatusCode = 404;
                return;
        }
    }

    private async Task EventsAsync(HttpContext context)
    {
        SnapshotFormat.TryReadSkipToken(context.Request.Query["$skiptoken"].ToString(), out var from);
        if (ForgetsEvents)
        {
            context.Response.StatusCode = 410;
            await WriteAsync(context, new ErrorEnvelope(new("ResyncRequired", "The revision is no longer known.")), SnapshotJson.Default.ErrorEnvelope);
            return;
        }

        while (!context.RequestAborted.IsCancellationRequested)
        {
            Task changed;
            lock (_gate)
            {
                if (_log.Find(change => change.From == from) is { } next)
                {
                    changed = WriteAsync(context, Damaged ? next with { Hash = new string('0', 64) } : next, SnapshotJson.Default.SnapshotChange);
                    from = -1;
                }
                else
                {
                    changed = _changed.Task.WaitAsync(context.RequestAborted);
                }
            }

            try
            {
                await changed;
            }
            catch (OperationCanceledException)
            {
                return;
            }

            if (from < 0 || Refusal is not null)
            {
                return;
            }
        }
    }

    private static Task WriteAsync<T>(HttpContext context, T value, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type)
    {
        context.Response.ContentType = "application/json";
        return context.Response.Body.WriteAsync(JsonSerializer.SerializeToUtf8Bytes(value, type)).AsTask();
    }
}
