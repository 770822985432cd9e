namespace Postern.Policies.Tests.Caching;

/// <summary>Requests as caches see them: few keys are popular, and now and then somebody goes through everything once.</summary>
internal static class CacheTrace
{
    public static List<string> ZipfWithScans(int requests, int keys, double exponent, int scanEvery, int scanLength, int seed)
    {
        var random = new Random(seed);
        var cumulative = new double[keys];
        var sum = 0d;
        for (var i = 0; i < keys; i++)
        {
            cumulative[i] = sum += 1 / Math.Pow(i + 1, exponent);
        }

        var trace = new List<string>(requests);
        var scanned = 0;
        while (trace.Count < requests)
        {
            if (trace.Count % scanEvery == scanEvery - 1)
            {
                for (var i = 0; i < scanLength; i++)
                {
                    trace.Add($"s{scanned++:d6}");
                }
            }

            var place = Array.BinarySearch(cumulative, random.NextDouble() * sum);
            trace.Add($"z{(place < 0 ? ~place : place):d6}");
        }

        return trace;
    }

    public static int HitsOfLeastRecentlyUsed(IReadOnlyList<string> trace, int capacity)
    {
        var order = new LinkedList<string>();
        var places = new Dictionary<string, LinkedListNode<string>>(StringComparer.Ordinal);
        var hits = 0;
        foreach (var key in trace)
        {
            if (places.TryGetValue(key, out var place))
            {
                hits++;
                order.Remove(place);
                order.AddFirst(place);
                continue;
            }

            places[key] = order.AddFirst(key);
            if (places.Count > capacity)
            {
                places.Remove(order.Last!.Value);
                order.RemoveLast();
            }
        }

        return hits;
    }
}
