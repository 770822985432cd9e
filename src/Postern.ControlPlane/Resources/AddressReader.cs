using Postern.ControlPlane.Store;

namespace Postern.ControlPlane.Resources;

/// <summary>Finds out what the path of a management call means, with literals in their canonical casing.</summary>
internal sealed class AddressReader(KindIndex kinds, string subscriptionId)
{
    public const string GroupType = "Microsoft.Resources/resourceGroups";

    /// <returns>The address, or the refusal of a path that means nothing here.</returns>
    public async ValueTask<(ResourceAddress? Address, ArmError? Error)> ReadAsync(ArmPath path, string method, CancellationToken cancellation)
    {
        var segments = path.Segments;
        if (segments.Count < 3 || !Is(segments[0], "subscriptions"))
        {
            return (null, Unknown(path));
        }

        if (!Is(segments[1], subscriptionId))
        {
            return (null, new(404, "SubscriptionNotFound", $"The subscription '{segments[1]}' could not be found.", segments[1]));
        }

        var subscription = $"/subscriptions/{subscriptionId}";
        if (Is(segments[2], "providers"))
        {
            return await WalkAsync(path, 3, subscription, [], method, cancellation);
        }

        if (!Is(segments[2], "resourceGroups") || kinds.Find(GroupType) is not { } groups)
        {
            return (null, Unknown(path));
        }

        if (segments.Count == 3)
        {
            return (new(groups, subscription, "", [], IsCollection: true, null), null);
        }

        var group = $"{subscription}/resourceGroups/{segments[3]}";
        if (segments.Count == 4)
        {
            return (new(groups, group, segments[3], [], IsCollection: false, null), null);
        }

        return Is(segments[4], "providers")
            ? await WalkAsync(path, 5, group, [(groups, group)], method, cancellation)
            : (null, Unknown(path));
    }

    private async ValueTask<(ResourceAddress? Address, ArmError? Error)> WalkAsync(
        ArmPath path, int at, string above, IReadOnlyList<(ResourceKind Kind, string Id)> ancestors, string method, CancellationToken cancellation)
    {
        var segments = path.Segments;
        if (at >= segments.Count)
        {
            return (null, Unknown(path));
        }

        var type = segments[at];
        var id = above;
        ResourceKind? kind = null;
        List<(ResourceKind Kind, string Id)> chain = [.. ancestors];
        for (var i = at + 1; i < segments.Count; i += 2)
        {
            var next = kinds.Find($"{type}/{segments[i]}");
            if (i + 1 == segments.Count)
            {
                // The last segment without a name: a collection, or for POST what to do.
                if (method == "POST")
                {
                    return kind is null
                        ? (null, ArmErrors.UnknownType($"{type}/{segments[i]}"))
                        : (new(kind, id, ResourceIds.NameOf(id), chain[..^1], IsCollection: false, segments[i]), null);
                }

                return next is null
                    ? (null, ArmErrors.UnknownType($"{type}/{segments[i]}"))
                    : (new(next, id, "", chain, IsCollection: true, null), null);
            }

            if (next is null)
            {
                return (null, ArmErrors.UnknownType($"{type}/{segments[i]}"));
            }

            kind = next;
            type = kind.Type;
            var name = await kind.StoredNameAsync(id, segments[i + 1], cancellation);
            id = chain.Count == ancestors.Count
                ? $"{id}/providers/{kind.ParentType}/{kind.Segment}/{name}"
                : $"{id}/{kind.Segment}/{name}";
            chain.Add((kind, id));
        }

        return kind is null ? (null, Unknown(path)) : (new(kind, id, ResourceIds.NameOf(id), chain[..^1], IsCollection: false, null), null);
    }

    private static bool Is(string segment, string literal) => string.Equals(segment, literal, StringComparison.OrdinalIgnoreCase);

    private static ArmError Unknown(ArmPath path) => new(404, "InvalidResourceType", $"The path '{path}' names no known resource.", Diagnostic: ControlPlaneDiagnostics.UnknownType);
}
