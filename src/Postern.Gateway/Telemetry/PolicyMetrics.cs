using Postern.Snapshots;

namespace Postern.Gateway.Telemetry;

/// <summary>
/// Values of the emit-metric policy, summed by name and dimensions until they are sent with the gateway's own metrics. Dimensions may come
/// from callers, so the number of series is bounded: beyond it a metric's values are summed without dimensions, and beyond the names too they
/// are counted as dropped.
/// </summary>
internal sealed class PolicyMetrics
{
    /// <summary>Series kept apart between two batches.</summary>
    public const int MostSeries = 1_000;

    /// <summary>Names of metrics; expressions can't make names, documents can.</summary>
    public const int MostNames = 200;

    /// <summary>Characters of a dimension's value; the receiver takes no more.</summary>
    public const int LongestValue = 256;

    /// <summary>The dimension that marks values whose own dimensions were one series too many.</summary>
    public const string Overflow = "Overflow";

    private readonly Lock _gate = new();
    private Dictionary<Series, Sums> _series = new();
    private int _overflowing;
    private long _dropped;

    public void Add(string space, string name, double value, IReadOnlyList<KeyValuePair<string, string>> dimensions)
    {
        if (!double.IsFinite(value))
        {
            return;
        }

        var series = new Series(Cut(space), Cut(name), Clean(dimensions));
        lock (_gate)
        {
            if (!_series.TryGetValue(series, out var sums))
            {
                if (_series.Count - _overflowing >= MostSeries)
                {
                    series = new(series.Space, series.Name, [new(Overflow, "true")]);
                }

                if (!_series.TryGetValue(series, out sums))
                {
                    if (_series.Count - _overflowing >= MostSeries && ++_overflowing > MostNames)
                    {
                        _overflowing = MostNames;
                        _dropped++;
                        return;
                    }

                    _series[series] = sums = new();
                }
            }

            sums.Add(value);
        }
    }

    /// <summary>Takes what was summed since the last time.</summary>
    public (IReadOnlyList<MetricPoint> Points, long Dropped) Drain()
    {
        lock (_gate)
        {
            if (_series.Count == 0)
            {
                return ([], 0);
            }

            var taken = (_series, _dropped);
            (_series, _dropped, _overflowing) = (new(), 0, 0);
            return ([.. taken._series.Select(pair => pair.Value.Point(pair.Key))], taken._dropped);
        }
    }

    /// <summary>In the order of names, so that the order of the elements makes no other series; the last of a name counts.</summary>
    private static KeyValuePair<string, string>[] Clean(IReadOnlyList<KeyValuePair<string, string>> dimensions)
    {
        var clean = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in dimensions)
        {
            clean[Cut(name)] = Cut(value);
        }

        return [.. clean];
    }

    /// <summary>What the receiver would refuse must not make it refuse the whole batch.</summary>
    private static string Cut(string text)
    {
        var cut = text.Length <= LongestValue ? text : text[..LongestValue];
        return cut.Any(char.IsControl) ? string.Concat(cut.Select(c => char.IsControl(c) ? ' ' : c)) : cut;
    }

    private sealed class Series(string space, string name, KeyValuePair<string, string>[] dimensions) : IEquatable<Series>
    {
        public string Space => space;

        public string Name => name;

        public KeyValuePair<string, string>[] Dimensions => dimensions;

        public bool Equals(Series? other) => other is not null && space == other.Space && name == other.Name && dimensions.AsSpan().SequenceEqual(other.Dimensions);

        public override bool Equals(object? obj) => Equals(obj as Series);

        public override int GetHashCode()
        {
            var hash = new HashCode();
            hash.Add(space);
            hash.Add(name);
            foreach (var (key, value) in dimensions)
            {
                hash.Add(key);
                hash.Add(value);
            }

            return hash.ToHashCode();
        }
    }

    private sealed class Sums
    {
        private long _count;
        private double _sum;
        private double _min = double.MaxValue;
        private double _max = double.MinValue;

        public void Add(double value)
        {
            _count++;
            _sum = Math.Clamp(_sum + value, double.MinValue, double.MaxValue);
            _min = Math.Min(_min, value);
            _max = Math.Max(_max, value);
        }

        public MetricPoint Point(Series series) =>
            new(series.Name, series.Dimensions.ToDictionary(pair => pair.Key, pair => pair.Value), _count, _sum, _min, _max) { Namespace = series.Space };
    }
}
