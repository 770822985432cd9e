using System.Text;
using System.Text.Json.Nodes;
using Postern.ControlPlane.Store;

namespace Postern.ControlPlane.Resources;

/// <summary>GET and HEAD of resources, GET of collections.</summary>
internal sealed class ArmReads(IResourceStore store, ArmEnvelope envelope)
{
    /// <summary>Items of a page when the caller asks for no number, and the most that it gets.</summary>
    private const int PageSize = 100;
    private const int LargestPage = 1000;

    /// <summary>Up to here the database walks past what is skipped.</summary>
    private const int DeepSkip = 50;

    /// <summary>In links to the next page, beside <c>$skip</c>: the name that the page begins after, so that nothing before it is walked through.</summary>
    private const string After = "$skipToken";

    public async ValueTask<ArmResponse> GetAsync(ArmCall call, ResourceAddress address, CancellationToken cancellation)
    {
        if (await store.FindAsync(address.Id, cancellation) is not { } row)
        {
            return ArmErrors.NotFound(address.Id);
        }

        if (call.Method == "HEAD")
        {
            return new(address.Kind.HeadStatus, null, row.ETag);
        }

        var view = new ResourceView(row, call, InList: false);
        if (await address.Kind.AnswerAsync(view, cancellation) is { } answer)
        {
            return answer;
        }

        return await envelope.PresentAsync(address.Kind, view, cancellation) is { } body
            ? ArmResponse.Ok(body, row.ETag)
            : ArmErrors.NotFound(address.Id);
    }

    /// <param name="parent">Null for collections directly below a subscription or the whole of a type.</param>
    /// <param name="visible">Which resources the caller may see, when it may not see all.</param>
    public async ValueTask<ArmResponse> ListAsync(
        ArmCall call, ResourceAddress address, ResourceRow? parent, Func<ResourceRow, ValueTask<bool>>? visible, CancellationToken cancellation)
    {
        if (call.Query.Integer("$top", 1, PageSize) is not { } top)
        {
            return ArmErrors.BadRequest("$top must be an integer of at least 1.", "$top");
        }

        if (call.Query.Integer("$skip", 0, 0) is not { } skip)
        {
            return ArmErrors.BadRequest("$skip must be an integer of at least 0.", "$skip");
        }

        if (!ODataFilter.TryParse(call.Query.Filter, out var filter, out var problem))
        {
            return ArmErrors.BadRequest(problem, "$filter");
        }

        ODataOrder? order = null;
        if (address.Kind.HasOrder && !ODataOrder.TryParse(call.Query["$orderby"], out order, out problem))
        {
            return ArmErrors.BadRequest(problem, "$orderby");
        }

        if (address.Kind.CheckQuery(call.Query) is { } refusal)
        {
            return refusal;
        }

        top = Math.Min(top, LargestPage);
        var computed = parent is null ? null : await address.Kind.ComputeAsync(new(parent, call, InList: true), cancellation);
        if (computed is not null)
        {
            return Select(call, address.Kind, computed, filter, order, skip, top);
        }

        var parentId = ParentId(address);
        var type = address.Kind.ListedType;
        var limit = await address.Kind.LimitAsync(parentId, call.Query, cancellation);
        var sifted = limit is not null || visible is not null || order is not null || address.Kind.HasWish(call.Query);
        if (filter is null && !sifted)
        {
            var rows = await PageAsync(call, parentId, type, skip, top, cancellation);
            var count = rows.Count < top && skip == 0 ? rows.Count : await store.CountAsync(parentId, type, cancellation);
            return Page(call, address.Kind, await PresentAsync(call, address.Kind, rows, cancellation), count, skip, top, rows.Count > 0 && parentId.Length > 0 ? rows[^1].Name : null);
        }

        var plan = filter is null || limit is not null ? null : FilterPlan.For(filter, type);
        var selection = plan?.Select(await store.MembersAsync(parentId, type, cancellation));
        if (selection is { IsExact: true } && !sifted && !address.Kind.FiltersAnswers)
        {
            var rows = await store.ListNamesAsync(parentId, type, selection.Names(skip, top), cancellation);
            return Page(call, address.Kind, await PresentAsync(call, address.Kind, rows, cancellation), selection.Count, skip, top);
        }

        var candidates = limit is not null ? await FindAllAsync(limit, cancellation)
            : selection is null ? await store.ListAsync(parentId, type, 0, null, cancellation)
            : await store.ListNamesAsync(parentId, type, selection.Names(0, int.MaxValue), cancellation);
        var all = await VisibleAsync(candidates, visible);
        if (address.Kind.FiltersAnswers)
        {
            return Select(call, address.Kind, await PresentAsync(call, address.Kind, all, cancellation), filter, order, skip, top);
        }

        // Every resource is looked at, but only those of the page are made into answers.
        var found = from row in all
                    let resource = envelope.Wrap(address.Kind, row)
                    where (filter?.Matches(resource) ?? true) && address.Kind.IsWanted(call.Query, resource)
                    select (Row: row, Resource: resource);
        var matching = (order?.Sort(found, pair => pair.Resource) ?? found).Select(pair => pair.Row).ToList();
        return Page(call, address.Kind, await PresentAsync(call, address.Kind, [.. matching.Skip(skip).Take(top)], cancellation), matching.Count, skip, top);
    }

    private static ArmResponse Select(
        ArmCall call, ResourceKind kind, IReadOnlyList<JsonObject> items, ODataFilter? filter, ODataOrder? order, int skip, int top)
    {
        var matching = items.Where(item => (filter?.Matches(kind.Filterable(item)) ?? true) && kind.IsWanted(call.Query, item));
        List<JsonObject> sorted = [.. order?.Sort(matching, item => item) ?? matching];
        return Page(call, kind, [.. sorted.Skip(skip).Take(top)], sorted.Count, skip, top);
    }

    /// <summary>In the order of lists.</summary>
    private async ValueTask<IReadOnlyList<ResourceRow>> FindAllAsync(IReadOnlyCollection<string> ids, CancellationToken cancellation)
    {
        var rows = new List<ResourceRow>(ids.Count);
        foreach (var id in ids)
        {
            if (await store.FindAsync(id, cancellation) is { } row)
            {
                rows.Add(row);
            }
        }

        return [.. rows.OrderBy(row => ResourceIds.Key(row.Name), StringComparer.Ordinal)];
    }

    private static async ValueTask<IReadOnlyList<ResourceRow>> VisibleAsync(IReadOnlyList<ResourceRow> rows, Func<ResourceRow, ValueTask<bool>>? visible)
    {
        if (visible is null)
        {
            return rows;
        }

        var shown = new List<ResourceRow>();
        foreach (var row in rows)
        {
            if (await visible(row))
            {
                shown.Add(row);
            }
        }

        return shown;
    }

    /// <summary>Only as much is read as is answered: the cost of a page does not grow with the collection or its place in it.</summary>
    private async ValueTask<IReadOnlyList<ResourceRow>> PageAsync(
        ArmCall call, string parentId, string type, int skip, int top, CancellationToken cancellation)
    {
        if (parentId.Length == 0 || (skip < DeepSkip && call.Query[After] is null))
        {
            return await store.ListAsync(parentId, type, skip, top, cancellation);
        }

        var after = call.Query[After] ?? (await store.MembersAsync(parentId, type, cancellation)).NameAt(skip - 1);
        return after is null ? [] : await store.ListAfterAsync(parentId, type, after, top, cancellation);
    }

    /// <summary>Services are listed for a whole subscription too; there is one subscription.</summary>
    private static string ParentId(ResourceAddress address) =>
        address.Ancestors.Count == 0 && address.Kind.Type != AddressReader.GroupType ? "" : address.Id;

    private async ValueTask<IReadOnlyList<JsonObject>> PresentAsync(
        ArmCall call, ResourceKind kind, IReadOnlyList<ResourceRow> rows, CancellationToken cancellation)
    {
        var items = new List<JsonObject>(rows.Count);
        foreach (var row in rows)
        {
            if (await envelope.PresentAsync(kind, new(row, call, InList: true), cancellation) is { } item)
            {
                items.Add(item);
            }
        }

        return items;
    }

    private static ArmResponse Page(ArmCall call, ResourceKind kind, IReadOnlyList<JsonObject> items, long count, int skip, int top, string? last = null)
    {
        var body = new JsonObject { ["value"] = new JsonArray([.. items]) };
        if (kind.HasCount)
        {
            body["count"] = count;
        }

        if (skip + top < count)
        {
            body["nextLink"] = NextLink(call, skip + top, last);
        }

        return ArmResponse.Ok(body);
    }

    private static string NextLink(ArmCall call, int skip, string? last)
    {
        var link = new StringBuilder(call.Origin);
        foreach (var segment in call.Path.Segments)
        {
            link.Append('/').Append(Uri.EscapeDataString(segment));
        }

        var separator = '?';
        foreach (var (name, value) in call.Query.Except("$skip", After))
        {
            link.Append(separator).Append(name).Append('=').Append(Uri.EscapeDataString(value));
            separator = '&';
        }

        link.Append(separator).Append("$skip=").Append(skip);
        return (last is null ? link : link.Append('&').Append(After).Append('=').Append(Uri.EscapeDataString(last))).ToString();
    }
}
