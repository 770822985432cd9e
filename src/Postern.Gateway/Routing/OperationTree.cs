using Postern.Gateway.State;

namespace Postern.Gateway.Routing;

/// <summary>
/// The operations of one API, by template. Literal text beats text with parameters, which beats a parameter, which beats a wildcard; a
/// branch that ends without the method is left for the next one. Immutable once built and shared by all states that hold the same API.
/// </summary>
internal sealed class OperationTree
{
    private readonly Node _root = new();

    public OperationTree(IReadOnlyList<OperationState> operations)
    {
        Operations = operations;
        foreach (var operation in operations)
        {
            Add(operation);
        }
    }

    public IReadOnlyList<OperationState> Operations { get; }

    /// <param name="path">Canonical; matching begins at <paramref name="start"/>, after the API's own path.</param>
    public OperationState? Find(string path, int start, string method, string query, RouteParameters captured)
    {
        // A slash at the end makes no difference.
        var end = path.Length > start && path[^1] == '/' ? path.Length - 1 : path.Length;
        return Walk(_root, path, start, end, method, query, captured);
    }

    private static OperationState? Walk(Node node, string path, int start, int end, string method, string query, RouteParameters captured)
    {
        if (start >= end)
        {
            return Choose(node.Here, method, query) ?? WalkRest(node, path, end, end, method, query, captured);
        }

        // At a slash.
        var segmentStart = start + 1;
        var rest = path.AsSpan(segmentStart, end - segmentStart);
        var slash = rest.IndexOf('/');
        var segment = slash < 0 ? rest : rest[..slash];
        var next = segmentStart + segment.Length;
        if (node.Literals?.Find(segment) is { } literal
            && Walk(literal, path, next, end, method, query, captured) is { } byLiteral)
        {
            return byLiteral;
        }

        var mark = captured.Mark;
        if (node.Mixed is { } mixed)
        {
            foreach (var (pattern, child) in mixed)
            {
                if (pattern.TryMatchMixed(segment, segmentStart, captured)
                    && Walk(child, path, next, end, method, query, captured) is { } byPattern)
                {
                    return byPattern;
                }

                captured.Return(mark);
            }
        }

        if (node.Parameter is { } parameter && segment.Length > 0)
        {
            captured.Capture(segmentStart, segment.Length);
            if (Walk(parameter, path, next, end, method, query, captured) is { } byParameter)
            {
                return byParameter;
            }

            captured.Return(mark);
        }

        return WalkRest(node, path, segmentStart, end, method, query, captured);
    }

    private static OperationState? WalkRest(Node node, string path, int start, int end, string method, string query, RouteParameters captured)
    {
        if (node.Rest is null || Choose(node.Rest, method, query) is not { } operation)
        {
            return null;
        }

        if (operation.Template.Segments[^1].Captures == 1)
        {
            captured.Capture(Math.Min(start, path.Length), Math.Max(0, end - start));
        }

        return operation;
    }

    private static OperationState? Choose(List<OperationState>? candidates, string method, string query)
    {
        if (candidates is null)
        {
            return null;
        }

        OperationState? any = null;
        foreach (var candidate in candidates)
        {
            if (string.Equals(candidate.Method, method, StringComparison.OrdinalIgnoreCase))
            {
                if (HasQuery(candidate, query))
                {
                    return candidate;
                }
            }
            else if (any is null && candidate.Method == "*" && HasQuery(candidate, query))
            {
                any = candidate;
            }
        }

        return any;
    }

    private static bool HasQuery(OperationState operation, string query)
    {
        foreach (var rule in operation.Template.Query)
        {
            if (!QueryText.TryFind(query, rule.Name, out var place)
                || (rule.Value is not null && !query.AsSpan(place).Equals(rule.Value, StringComparison.OrdinalIgnoreCase)))
            {
                return false;
            }
        }

        return true;
    }

    private void Add(OperationState operation)
    {
        var node = _root;
        foreach (var segment in operation.Template.Segments)
        {
            switch (segment.Kind)
            {
                case SegmentKind.Literal:
                    node = (node.Literals ??= new()).GetOrAdd(RequestPath.Normalize("/" + segment.Text) is { Length: > 1 } path ? path.AsSpan(1) : segment.Text, static () => new());
                    break;
                case SegmentKind.Parameter:
                    node = node.Parameter ??= new();
                    break;
                case SegmentKind.Mixed:
                    node = node.MixedChild(segment);
                    break;
                case SegmentKind.Rest:
                    Insert(node.Rest ??= [], operation);
                    return;
            }
        }

        Insert(node.Here ??= [], operation);
    }

    /// <summary>Templates that ask more of the query come first.</summary>
    private static void Insert(List<OperationState> list, OperationState operation)
    {
        var index = list.FindIndex(other => other.Template.Query.Length < operation.Template.Query.Length);
        list.Insert(index < 0 ? list.Count : index, operation);
    }

    private sealed class Node
    {
        public SegmentMap<Node>? Literals;
        public List<(TemplateSegment Pattern, Node Child)>? Mixed;
        public Node? Parameter;
        public List<OperationState>? Here;
        public List<OperationState>? Rest;

        public Node MixedChild(TemplateSegment segment)
        {
            Mixed ??= [];
            foreach (var (pattern, child) in Mixed)
            {
                if (pattern.Literals.SequenceEqual(segment.Literals, StringComparer.OrdinalIgnoreCase))
                {
                    return child;
                }
            }

            var made = new Node();
            Mixed.Add((segment, made));

            // More literal text is more specific.
            Mixed.Sort(static (left, right) => right.Pattern.Literals.Sum(text => text.Length).CompareTo(left.Pattern.Literals.Sum(text => text.Length)));
            return made;
        }
    }
}
