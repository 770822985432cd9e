using System.Collections.Immutable;
using Postern.ControlPlane.Publishing.Kinds;
using Postern.ControlPlane.Store;
using Postern.Snapshots;

namespace Postern.ControlPlane.Publishing;

/// <summary>Brings a model up to date with rows that changed: each change touches one entity, which is read anew.</summary>
internal sealed class ModelUpdate(ServiceModel model, EntityReader reader, IRows rows)
{
    private const string PartKind = "part";
    private const string ProductApi = "product's API";
    private const string GatewayApi = "gateway's API";

    private static readonly ImmutableSortedSet<string> None = ImmutableSortedSet.Create<string>(StringComparer.OrdinalIgnoreCase);

    private readonly HashSet<(string Kind, string Name)> _touched = new(TouchComparer.Instance);

    /// <summary>Row names of APIs whose definitions may say something else now.</summary>
    private readonly HashSet<string> _redefined = new(StringComparer.OrdinalIgnoreCase);

    /// <param name="id">ARM id of a changed resource of this service.</param>
    public void Touch(string id)
    {
        var below = id.Length > model.ServiceId.Length ? id[(model.ServiceId.Length + 1)..] : "";
        var parts = below.Split('/');
        if (parts.Length < 2)
        {
            return;
        }

        if (PublishedKinds.Of(below) is not null)
        {
            _touched.Add((PartKind, below));
            return;
        }

        if (parts[0].Equals("apis", StringComparison.OrdinalIgnoreCase) && (parts.Length == 2 || parts[2].ToLowerInvariant() is "operations" or "schemas"))
        {
            _redefined.Add(parts[1]);
        }

        var isPolicy = parts[^2].Equals("policies", StringComparison.OrdinalIgnoreCase);
        switch (parts[0].ToLowerInvariant())
        {
            case "policies":
                _touched.Add(("policy", "global"));
                break;
            case "apis" or "products" when isPolicy:
                _touched.Add(("policy", string.Join('/', parts[..^2])));
                break;
            case "apis" when parts.Length == 2 || parts[2].Equals("operations", StringComparison.OrdinalIgnoreCase):
                _touched.Add(("api", parts[1]));
                break;
            case "products" or "gateways" when parts.Length == 4 && parts[2].Equals("apis", StringComparison.OrdinalIgnoreCase):
                _touched.Add((parts[0].Equals("products", StringComparison.OrdinalIgnoreCase) ? ProductApi : GatewayApi, below));
                break;
            case "products" or "subscriptions" or "backends" or "namedvalues" or "policyfragments" or "users":
                _touched.Add((parts[0].ToLowerInvariant(), parts[1]));
                break;
            case "gateways" when parts.Length == 2:
                _touched.Add(("gateway", parts[1]));
                break;
            case "groups":
                TouchGroup(parts);
                break;
            case "apiversionsets":
                foreach (var (name, api) in model.Apis)
                {
                    if (api.VersionSetId is { } set && ResourceIds.Same(ResourceIds.NameOf(set), parts[1]))
                    {
                        _touched.Add(("api", name));
                    }
                }

                break;
        }
    }

    /// <returns>True when anything was touched.</returns>
    public async ValueTask<bool> ApplyAsync(CancellationToken cancellation)
    {
        if (_touched.Any(touch => touch.Kind == "namedvalues"))
        {
            // Addresses and credentials have named values filled in.
            await ApplyAsync("namedvalues", cancellation);
            _touched.UnionWith(model.Backends.Keys.Select(name => ("backends", name)));
            _touched.UnionWith(model.Parts.Values.SelectMany(parts => parts).Where(part => part.Value.UsesNamedValues).Select(part => (PartKind, part.Key)));
            _touched.UnionWith(model.Apis.Where(api => api.Value.UsesNamedValues).Select(api => ("api", api.Key)));
        }

        // What belongs to something comes after it.
        foreach (var kind in _touched.Select(touch => touch.Kind).Distinct().Where(kind => kind != "namedvalues").OrderBy(kind => kind is ProductApi or GatewayApi).ToList())
        {
            await ApplyAsync(kind, cancellation);
        }

        return await ApiDefinitions.UpdateAsync(model, rows, _redefined, cancellation) || _touched.Count > 0;
    }

    private void TouchGroup(string[] parts)
    {
        if (parts.Length == 4)
        {
            _touched.Add(("users", parts[3]));
            return;
        }

        // A group's name shows in every product and user that has it; both are few next to APIs.
        _touched.UnionWith(model.Products.Keys.Select(name => ("products", name)));
        _touched.UnionWith(model.Users.Keys.Select(name => ("users", name)));
    }

    private async ValueTask ApplyAsync(string kind, CancellationToken cancellation)
    {
        Dictionary<string, Published>? values = null;
        string? NamedValue(string name) => (values ??= model.NamedValueNames()).TryGetValue(name, out var value) ? ((NamedValueSnapshot)value.Entity).Value : null;
        foreach (var (_, name) in _touched.Where(touch => touch.Kind == kind).ToList())
        {
            var id = $"{model.ServiceId}/{Path(kind, name)}";
            var row = await rows.FindAsync(id, cancellation);
            switch (kind)
            {
                case "api":
                    model.Apis.Set(name, row is null ? null : await reader.ApiAsync(rows, row, NamedValue, cancellation));
                    break;
                case "policy":
                    var policy = row is null ? null : reader.Policy(row);
                    model.Policies.Set(name, policy);
                    Set(model.DefinitionPolicies, name, policy?.Use is { } use && ApiDefinitions.MayAsk(use) ? policy : null);
                    break;
                case "policyfragments":
                    Set(model.Fragments, name, row is null ? null : reader.Fragment(row));
                    break;
                case "products":
                    Set(model.Products, name, row is null ? null : new(
                        await reader.ProductAsync(rows, row, cancellation), model.Products.TryGetValue(name, out var product) ? product.ApiNames : None));
                    break;
                case ProductApi:
                    if (model.Products.TryGetValue(name.Split('/')[1], out var owner))
                    {
                        model.Products[owner.Entity.Id] = owner with { ApiNames = Changed(owner.ApiNames, name, row) };
                    }

                    break;
                case GatewayApi:
                    if (model.Gateways.TryGetValue(name.Split('/')[1], out var gateway))
                    {
                        model.Gateways[gateway.Name] = gateway with { ApiNames = Changed(gateway.ApiNames, name, row) };
                    }

                    break;
                case "subscriptions":
                    model.Subscriptions.Set(name, row is null ? null : reader.Subscription(row));
                    break;
                case "users":
                    Set(model.Users, name, row is null ? null : await reader.UserAsync(rows, row, cancellation));
                    break;
                case "namedvalues":
                    Set(model.NamedValues, name, row is null ? null : reader.NamedValue(row));
                    break;
                case "backends":
                    Set(model.Backends, name, row is null ? null : reader.Backend(row, NamedValue));
                    break;
                case PartKind:
                    var published = PublishedKinds.Of(name)!;
                    Set(model.Parts[published], name, row is null ? null : reader.Part(row, published, name, NamedValue));
                    break;
                default:
                    Set(model.Gateways, name, row is null ? null : reader.Gateway(row, model.Gateways.TryGetValue(name, out var known) ? known.ApiNames : None));
                    break;
            }
        }
    }

    private static string Path(string kind, string name) => kind switch
    {
        "api" => $"apis/{name}",
        "gateway" => $"gateways/{name}",
        "policy" => name == "global" ? "policies/policy" : $"{name}/policies/policy",
        PartKind or ProductApi or GatewayApi => name,
        _ => $"{kind}/{name}",
    };

    private static ImmutableSortedSet<string> Changed(ImmutableSortedSet<string> names, string path, ResourceRow? row)
    {
        var others = names.Remove(ResourceIds.NameOf(path));
        return row is null ? others : others.Add(row.Name);
    }

    private static void Set<T>(Dictionary<string, T> entities, string name, T? entity)
        where T : class
    {
        if (entity is null)
        {
            entities.Remove(name);
        }
        else
        {
            entities[name] = entity;
        }
    }

    private sealed class TouchComparer : IEqualityComparer<(string Kind, string Name)>
    {
        public static TouchComparer Instance { get; } = new();

        public bool Equals((string Kind, string Name) x, (string Kind, string Name) y) =>
            x.Kind == y.Kind && string.Equals(x.Name, y.Name, StringComparison.OrdinalIgnoreCase);

        public int GetHashCode((string Kind, string Name) touch) =>
            HashCode.Combine(touch.Kind, StringComparer.OrdinalIgnoreCase.GetHashCode(touch.Name));
    }
}
