using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Postern.Snapshots;

namespace Postern.Gateway.Telemetry;

/// <summary>Sums of one minute by API, host and status, as Azure Monitor's <c>Requests</c>, <c>Duration</c> and <c>BackendDuration</c>.</summary>
internal sealed class RequestCounters
{
    /// <summary>Combinations kept apart in a minute; more are counted together under no host.</summary>
    private const int Limit = 10_000;

    /// <summary>Host names kept apart in a minute. Callers choose them: whoever makes some up must not fill the tables.</summary>
    private const int MostHosts = 100;

    /// <summary>Of a DNS name; the control plane would refuse the whole batch for a longer text.</summary>
    private const int LongestHost = 253;

    private ConcurrentDictionary<Key, Cell> _cells = new();
    private ConcurrentDictionary<string, bool> _hosts = new(StringComparer.OrdinalIgnoreCase);

    public long Total => Volatile.Read(ref _total);

    private long _total;

    public void Count(GatewayExchange exchange)
    {
        Interlocked.Increment(ref _total);
        var context = exchange.Context;
        var key = new Key(exchange.Api?.Id ?? "", exchange.HostName, context.Response.StatusCode, exchange.BackendStatus, exchange.FailureReason ?? context.LastError?.Reason ?? "None");
        var cells = _cells;
        if (!cells.TryGetValue(key, out var cell))
        {
            cell = cells.GetOrAdd(cells.Count < Limit && IsKept(key.Host) ? key : key with { Host = "" }, static _ => new());
        }

        cell.Add(Stopwatch.GetElapsedTime(context.StartTicks).TotalMilliseconds, exchange.BackendTicks * 1000d / Stopwatch.Frequency);
    }

    /// <summary>Takes what was counted since the last time.</summary>
    public IReadOnlyList<MetricPoint> Drain(string location)
    {
        var cells = Interlocked.Exchange(ref _cells, new());
        _hosts = new(StringComparer.OrdinalIgnoreCase);
        var points = new List<MetricPoint>(cells.Count * 3);
        foreach (var (key, cell) in cells)
        {
            var dimensions = new Dictionary<string, string>
            {
                ["Location"] = location,
                ["Hostname"] = key.Host,
                ["ApiId"] = key.Api,
                ["LastErrorReason"] = key.Reason,
                ["GatewayResponseCode"] = key.Status.ToString(CultureInfo.InvariantCulture),
                ["GatewayResponseCodeCategory"] = $"{key.Status / 100}xx",
                ["BackendResponseCode"] = key.BackendStatus == 0 ? "None" : key.BackendStatus.ToString(CultureInfo.InvariantCulture),
                ["BackendResponseCodeCategory"] = key.BackendStatus == 0 ? "None" : $"{key.BackendStatus / 100}xx",
            };
            lock (cell)
            {
                points.Add(new("Requests", dimensions, cell.Count, cell.Count, 1, 1));
                points.Add(new("Duration", dimensions, cell.Count, cell.Sum, cell.Min, cell.Max));
                if (key.BackendStatus != 0)
                {
                    points.Add(new("BackendDuration", dimensions, cell.Count, cell.BackendSum, cell.BackendMin, cell.BackendMax));
                }
            }
        }

        return points;
    }

    private bool IsKept(string host)
    {
        var hosts = _hosts;
        return host.Length <= LongestHost && (hosts.ContainsKey(host) || (hosts.Count < MostHosts && hosts.TryAdd(host, true)));
    }

    private readonly record struct Key(string Api, string Host, int Status, int BackendStatus, string Reason);

    private sealed class Cell
    {
        public long Count { get; private set; }

        public double Sum { get; private set; }

        public double Min { get; private set; } = double.MaxValue;

        public double Max { get; private set; }

        public double BackendSum { get; private set; }

        public double BackendMin { get; private set; } = double.MaxValue;

        public double BackendMax { get; private set; }

        public void Add(double total, double backend)
        {
            lock (this)
            {
                Count++;
                Sum += total;
                Min = Math.Min(Min, total);
                Max = Math.Max(Max, total);
                BackendSum += backend;
                BackendMin = Math.Min(BackendMin, backend);
                BackendMax = Math.Max(BackendMax, backend);
            }
        }
    }
}
