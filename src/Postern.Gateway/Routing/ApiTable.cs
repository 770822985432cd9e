using Postern.Gateway.State;

namespace Postern.Gateway.Routing;

/// <summary>APIs by the segments of their path (a segment-versioned API's path includes its version). The longest match wins.</summary>
internal sealed class ApiTable
{
    private readonly Node _root = new();

    public ApiTable(IEnumerable<ApiState> apis)
    {
        foreach (var api in apis)
        {
            var node = _root;
            foreach (var segment in api.RoutePath.Split('/', StringSplitOptions.RemoveEmptyEntries))
            {
                node = (node.Children ??= new()).GetOrAdd(segment, static () => new());
            }

            (node.Candidates ??= new()).Add(api);
        }
    }

    /// <summary>Finds the API; <paramref name="match"/> tells where the operation's part of the path begins.</summary>
    public ApiState? Find(string path, in ApiQuestion question, out int operationStart)
    {
        ApiState? found = null;
        operationStart = 0;
        var node = _root;
        var position = 0;
        while (true)
        {
            // At the end of a segment that matched: a candidate here is longer than any before.
            var segmentStart = position + 1;
            var rest = segmentStart <= path.Length ? path.AsSpan(segmentStart) : default;
            var slash = rest.IndexOf('/');
            var segment = slash < 0 ? rest : rest[..slash];

            if (node.Candidates is { } candidates)
            {
                // The root's revision stands alone in the first segment: /;rev=2/orders.
                if (position == 0 && segment.StartsWith(";rev=", StringComparison.OrdinalIgnoreCase))
                {
                    operationStart = segmentStart + segment.Length;
                    return candidates.Choose(question, segment[5..]);
                }

                found = candidates.Choose(question, default);
                operationStart = position;
            }

            if (node.Children is null || position >= path.Length)
            {
                return found;
            }

            var revision = default(ReadOnlySpan<char>);
            var name = segment;
            var semicolon = segment.IndexOf(";rev=", StringComparison.OrdinalIgnoreCase);
            if (semicolon >= 0)
            {
                revision = segment[(semicolon + 5)..];
                name = segment[..semicolon];
            }

            if (node.Children.Find(name) is not { } child)
            {
                return found;
            }

            position = segmentStart + segment.Length;
            if (semicolon >= 0)
            {
                // A revision ends the API's path: nothing longer may match.
                operationStart = position;
                return child.Candidates?.Choose(question, revision);
            }

            node = child;
        }
    }

    private sealed class Node
    {
        public SegmentMap<Node>? Children;
        public ApiCandidates? Candidates;
    }
}
