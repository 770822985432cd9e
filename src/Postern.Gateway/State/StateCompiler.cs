using System.Runtime.CompilerServices;
using Postern.Gateway.Caching;
using Postern.Gateway.Certificates;
using Postern.Gateway.Routing;
using Postern.Snapshots;

namespace Postern.Gateway.State;

/// <summary>
/// From entities to a state, beside the running one. What did not change is not made again: operation trees are found by the API entity they
/// were made from, policy documents by content.
/// </summary>
internal sealed class StateCompiler(IPolicyCompiler policies, BackendCompiler backends, string instanceId, ServerTls tls, ExternalCaches? caches = null)
{
    private readonly ConditionalWeakTable<ApiSnapshot, OperationTree> _trees = [];

    /// <exception cref="InvalidDataException">The set describes no gateway.</exception>
    public GatewayState Compile(EntitySet entities, GatewayState? previous)
    {
        if (!entities.TryGet<ServiceSnapshot>("service", out var service))
        {
            throw new InvalidDataException($"Revision {entities.Revision} does not say which service and gateway it is for.");
        }

        var problems = new List<string>();
        var certificates = CertificateStates.Compile(entities, previous?.Certificates, tls, problems);
        var apis = CompileApis(entities, problems);
        var products = CompileProducts(entities, apis);
        var programs = policies.Compile(entities, previous?.Programs);
        problems.AddRange(programs.Problems);
        return new()
        {
            Revision = entities.Revision,
            Hash = entities.Hash,
            Deployment = new(service, instanceId, certificates.ById),
            Certificates = certificates,
            Apis = new(apis),
            SubscriptionsByKey = CompileSubscriptions(entities, products, problems),
            Backends = backends.Compile(entities, certificates.ById, previous?.Backends, problems),
            Debug = new(entities.TryGet<DebugCredentialsSnapshot>("debugCredentials", out var debug) ? debug.SigningKey : null, entities),
            Programs = programs,
            ExternalCache = caches?.Of(entities, service, previous?.ExternalCache, problems),
            PolicyEntities = PolicyEntities.From(entities, problems),
            Problems = problems,
        };
    }

    private List<ApiState> CompileApis(EntitySet entities, List<string> problems)
    {
        var apis = new List<ApiState>();
        foreach (var snapshot in entities.Of<ApiSnapshot>())
        {
            try
            {
                apis.Add(new(snapshot, _trees.GetValue(snapshot, static api => BuildTree(api))));
            }
            catch (FormatException broken)
            {
                // One API that cannot be read is not served; the others are.
                problems.Add($"G211: API '{snapshot.Id}' is not served: {broken.Message}");
            }
        }

        return apis;
    }

    private static OperationTree BuildTree(ApiSnapshot api)
    {
        var operations = api.Type.ToLowerInvariant() switch
        {
            // One system operation: the handshake, at whatever path.
            "websocket" => [new("onHandshake", "onHandshake", "GET", "/*")],

            // One address takes every query: in a body, or in the address itself.
            "graphql" when api.Operations.Count == 0 => [new("graphql", "graphql", "POST", "/"), new("graphql-get", "graphql", "GET", "/")],
            _ => api.Operations,
        };
        return new([.. operations.Select((operation, index) => new OperationState(operation, index))]);
    }

    private static Dictionary<string, ProductState> CompileProducts(EntitySet entities, List<ApiState> apis)
    {
        var products = new Dictionary<string, ProductState>(StringComparer.OrdinalIgnoreCase);
        var byId = apis.ToLookup(api => api.Id, StringComparer.OrdinalIgnoreCase);
        foreach (var snapshot in entities.Of<ProductSnapshot>().OrderBy(product => product.Id, StringComparer.Ordinal))
        {
            var product = new ProductState(snapshot, products.Count);
            products.Add(snapshot.Id, product);
            foreach (var api in snapshot.ApiIds.SelectMany(id => byId[id]))
            {
                api.Join(product);
            }
        }

        return products;
    }

    private static Dictionary<string, SubscriptionState> CompileSubscriptions(
        EntitySet entities, Dictionary<string, ProductState> products, List<string> problems)
    {
        var users = entities.Of<UserSnapshot>().ToDictionary(user => user.Id, user => new UserState(user), StringComparer.OrdinalIgnoreCase);
        var byKey = new Dictionary<string, SubscriptionState>(KeyComparer.Instance);
        foreach (var snapshot in entities.Of<SubscriptionSnapshot>())
        {
            var owner = snapshot.OwnerId is { } id ? users.GetValueOrDefault(id) : null;
            foreach (var key in (string[])[snapshot.PrimaryKey, snapshot.SecondaryKey])
            {
                try
                {
                    var subscription = new SubscriptionState(snapshot, key, owner);
                    subscription.Product = products.GetValueOrDefault(subscription.TargetId);
                    if (key.Length > 0 && (!byKey.TryGetValue(key, out var other) || !other.IsActive))
                    {
                        byKey[key] = subscription;
                    }
                }
                catch (FormatException broken)
                {
                    problems.Add($"G212: subscription '{snapshot.Id}' grants nothing: {broken.Message}");
                    break;
                }
            }
        }

        return byKey;
    }
}
