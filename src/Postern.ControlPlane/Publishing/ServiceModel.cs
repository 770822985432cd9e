using System.Collections.Immutable;
using Postern.ControlPlane.Publishing.Kinds;
using Postern.Snapshots;

namespace Postern.ControlPlane.Publishing;

/// <summary>
/// Everything of a service that any gateway could need, in memory, as entities: what a change touches is read anew, the rest stays.
/// Not thread-safe; its publisher serialises.
/// </summary>
internal sealed class ServiceModel
{
    public required string ServiceId { get; init; }

    public string ServiceName => Store.ResourceIds.NameOf(ServiceId);

    /// <summary>By row name: current revisions by their plain name, others as <c>echo;rev=2</c>. Grouped by the plain name.</summary>
    public GroupedEntities<ModelApi> Apis { get; } = new(api => api.ApiName);

    /// <summary>By scope, as in <see cref="PolicySnapshot.Scope"/>. Grouped by owner.</summary>
    public GroupedEntities<ModelDocument> Policies { get; } = new(document => document.Owner);

    /// <summary>Those of the policies that may ask what an API's definition says, themselves or in a fragment.</summary>
    public Dictionary<string, ModelDocument> DefinitionPolicies { get; } = new(StringComparer.OrdinalIgnoreCase);

    public Dictionary<string, ModelDocument> Fragments { get; } = new(StringComparer.OrdinalIgnoreCase);

    public Dictionary<string, ModelProduct> Products { get; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Grouped by scope: <c>all</c>, <c>apis/echo</c>, <c>products/starter</c>.</summary>
    public GroupedEntities<Published> Subscriptions { get; } = new(subscription => ((SubscriptionSnapshot)subscription.Entity).Scope);

    public Dictionary<string, Published> Users { get; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>By row name; looked up by display name through <see cref="NamedValueNames"/>.</summary>
    public Dictionary<string, Published> NamedValues { get; } = new(StringComparer.OrdinalIgnoreCase);

    public Dictionary<string, Published> Backends { get; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>What is published row by row: per kind, by path below the service.</summary>
    public IReadOnlyDictionary<PublishedKind, Dictionary<string, ModelPart>> Parts { get; } =
        PublishedKinds.All.ToDictionary(kind => kind, _ => new Dictionary<string, ModelPart>(StringComparer.OrdinalIgnoreCase));

    /// <summary>Of the APIs whose policies ask for it, by row name.</summary>
    public Dictionary<string, ModelDefinition> Definitions { get; } = new(StringComparer.OrdinalIgnoreCase);

    public Dictionary<string, ModelGateway> Gateways { get; } = new(StringComparer.OrdinalIgnoreCase);

    public Dictionary<string, Published> NamedValueNames()
    {
        var names = new Dictionary<string, Published>(NamedValues.Count, StringComparer.Ordinal);
        foreach (var value in NamedValues.Values)
        {
            names[((NamedValueSnapshot)value.Entity).Name] = value;
        }

        return names;
    }
}

/// <param name="VersionSetId">ARM id, so that a change of the set finds its APIs.</param>
/// <param name="UsesNamedValues">Its service URL names some; they are filled in here, not at the gateway.</param>
internal sealed record ModelApi(string ApiName, Published Entity, string? VersionSetId, bool UsesNamedValues);

/// <param name="Entity">Without APIs: which of them it has depends on the gateway.</param>
/// <param name="ApiNames">Of all its APIs, those that are gone too; without regard to case.</param>
internal sealed record ModelProduct(ProductSnapshot Entity, ImmutableSortedSet<string> ApiNames)
{
    /// <summary>Those of some APIs that the product has, ordered: costs as much as the smaller of the two.</summary>
    public IReadOnlyList<string> Among(IReadOnlySet<string> apis) => apis.Count < ApiNames.Count
        ? [.. apis.Where(ApiNames.Contains).Select(api => ApiNames.TryGetValue(api, out var own) ? own : api).Order(StringComparer.OrdinalIgnoreCase)]
        : [.. ApiNames.Where(apis.Contains)];
}

/// <param name="Owner">What must be selected for the document to be: <c>apis/echo</c>, <c>products/p</c>; empty for global and fragments.</param>
internal sealed record ModelDocument(Published Entity, DocumentUse Use, string Owner);

/// <param name="Path">Below the service: <c>gateways/lab/hostnameConfigurations/www</c>.</param>
/// <param name="UsesNamedValues">They are filled in here, not at the gateway.</param>
internal sealed record ModelPart(string Path, Published Entity, bool UsesNamedValues)
{
    public string Name => Path[(Path.LastIndexOf('/') + 1)..];

    /// <summary>Name of the resource that this one belongs to; empty below the service itself.</summary>
    public string Owner => Path.Split('/') is { Length: > 2 } parts ? parts[1] : "";
}

/// <summary>What an API's definition says, and its schemas when they are asked for.</summary>
internal sealed record ModelDefinition(DefinitionUse Use, IReadOnlyList<Published> Entities);

/// <param name="DebugKey">Null for a gateway that was made before there were such keys.</param>
internal sealed record ModelGateway(string Name, string Region, ImmutableSortedSet<string> ApiNames, string? DebugKey);
