using Postern.ControlPlane.Publishing.Kinds;
using Postern.Snapshots;

namespace Postern.ControlPlane.Publishing;

/// <summary>
/// What one gateway is given: its APIs and what they need, nothing else of the service. Another gateway's APIs, the keys that open only
/// those, and secrets that none of its policies names stay here.
/// </summary>
internal static class GatewaySelection
{
    /// <returns>Entities by key.</returns>
    public static Dictionary<string, Published> Select(ServiceModel model, ModelGateway gateway, IReadOnlyDictionary<string, Published> before)
    {
        var selected = new Dictionary<string, Published>(before.Count + 16, StringComparer.Ordinal);
        var apis = gateway.ApiNames.SelectMany(model.Apis.Of).ToList();
        Add(selected, Reuse(before, new ServiceSnapshot(model.ServiceId, model.ServiceName, gateway.Name, gateway.Region)));
        if (gateway.DebugKey is { } debugKey)
        {
            Add(selected, Reuse(before, new DebugCredentialsSnapshot(debugKey)));
        }

        apis.ForEach(api => Add(selected, api.Entity));
        AddDefinitions(model, apis, selected);
        var names = apis.Select(api => api.ApiName).ToHashSet(StringComparer.OrdinalIgnoreCase);
        var products = AddProducts(model, names, selected, before);
        AddSubscriptions(model, names, products, selected);
        var documents = AddDocuments(model, apis, products, selected);
        AddParts(model, new(gateway, names, documents, selected), selected);
        return selected;
    }

    private static void AddDefinitions(ServiceModel model, List<ModelApi> apis, Dictionary<string, Published> selected)
    {
        if (model.Definitions.Count > 0)
        {
            foreach (var api in apis)
            {
                if (model.Definitions.TryGetValue(api.Entity.Key["apis/".Length..], out var definition))
                {
                    foreach (var entity in definition.Entities)
                    {
                        Add(selected, entity);
                    }
                }
            }
        }
    }

    private static HashSet<string> AddProducts(
        ServiceModel model, HashSet<string> apis, Dictionary<string, Published> selected, IReadOnlyDictionary<string, Published> before)
    {
        var products = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var product in model.Products.Values)
        {
            var exposed = product.Among(apis);
            if (exposed.Count > 0)
            {
                products.Add(product.Entity.Id);
                Add(selected, Reuse(before, product.Entity with { ApiIds = exposed }));
            }
        }

        return products;
    }

    private static void AddSubscriptions(ServiceModel model, HashSet<string> apis, HashSet<string> products, Dictionary<string, Published> selected)
    {
        var scopes = ((string[])["all", "apis"]).Concat(apis.Select(api => $"apis/{api}")).Concat(products.Select(product => $"products/{product}"));
        foreach (var entity in scopes.SelectMany(model.Subscriptions.Of))
        {
            Add(selected, entity);
            if (((SubscriptionSnapshot)entity.Entity).OwnerId is { } owner && model.Users.TryGetValue(owner, out var user))
            {
                Add(selected, user);
            }
        }
    }

    private static List<ModelDocument> AddDocuments(ServiceModel model, List<ModelApi> apis, HashSet<string> products, Dictionary<string, Published> selected)
    {
        // Documents are grouped with the API or product that they are somewhere below: most operations have none.
        var owners = apis.Select(api => api.Entity.Key).Concat(products.Select(product => $"products/{product}"));
        var documents = owners.Prepend("").SelectMany(model.Policies.Of).ToList();
        documents.ForEach(document => Add(selected, document.Entity));
        AddNeeds(model, documents, selected);
        return documents;
    }

    private static void AddParts(ServiceModel model, GatewayNeeds needs, Dictionary<string, Published> selected)
    {
        foreach (var kind in PublishedKinds.All)
        {
            foreach (var part in model.Parts[kind].Values.Where(part => kind.IsNeeded(part, needs)))
            {
                Add(selected, kind.For(part, needs));
            }
        }
    }

    /// <param name="documents">Grows by the fragments that they include.</param>
    private static void AddNeeds(ServiceModel model, List<ModelDocument> documents, Dictionary<string, Published> selected)
    {
        var values = new HashSet<string>(StringComparer.Ordinal);
        var backends = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        var anyBackend = false;
        var named = new NamedText(model);
        for (var i = 0; i < documents.Count; i++)
        {
            var use = documents[i].Use;
            values.UnionWith(use.NamedValues);
            backends.UnionWith(use.Backends);
            anyBackend |= use.AnyBackend;
            foreach (var id in named.FragmentsOf(use))
            {
                if (model.Fragments.TryGetValue(id, out var fragment) && selected.TryAdd(fragment.Entity.Key, fragment.Entity))
                {
                    documents.Add(fragment);
                }
            }
        }

        foreach (var (id, backend) in model.Backends)
        {
            if (anyBackend || backends.Contains(id))
            {
                Add(selected, backend);
                AddMembers(model, (BackendSnapshot)backend.Entity, selected);
            }
        }

        if (values.Count > 0)
        {
            foreach (var (name, value) in named.Values)
            {
                if (values.Contains(name))
                {
                    Add(selected, value);
                }
            }
        }
    }

    private static void AddMembers(ServiceModel model, BackendSnapshot backend, Dictionary<string, Published> selected)
    {
        foreach (var member in backend.Pool?.Members ?? [])
        {
            if (model.Backends.TryGetValue(member.BackendId, out var published))
            {
                Add(selected, published);
            }
        }
    }

    private static void Add(Dictionary<string, Published> selected, Published entity) => selected[entity.Key] = entity;

    /// <summary>Entities that are made per gateway keep their hash while they stay the same.</summary>
    private static Published Reuse(IReadOnlyDictionary<string, Published> before, SnapshotEntity entity)
    {
        var made = new Published(entity);
        return before.TryGetValue(made.Key, out var old) && old.Hash == made.Hash ? old : made;
    }
}
