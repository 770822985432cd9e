using Postern.Gateway.Caching;
using Postern.Gateway.Certificates;
using Postern.Gateway.Routing;
using Postern.Gateway.Tracing;
using Postern.Policies;

namespace Postern.Gateway.State;

/// <summary>A snapshot, compiled. Nothing in it changes after it was swapped in, except for caches that fill.</summary>
internal sealed class GatewayState
{
    public required long Revision { get; init; }

    public required string Hash { get; init; }

    public required DeploymentState Deployment { get; init; }

    public required CertificateStates Certificates { get; init; }

    public required ApiTable Apis { get; init; }

    /// <summary>By either key; compared in constant time.</summary>
    public required Dictionary<string, SubscriptionState> SubscriptionsByKey { get; init; }

    public required IReadOnlyDictionary<string, BackendState> Backends { get; init; }

    public required DebugState Debug { get; init; }

    public required IPolicyPrograms Programs { get; init; }

    /// <summary>What policies look up while they run.</summary>
    public required PolicyEntities PolicyEntities { get; init; }

    /// <summary>Null when the service names none for this gateway. Later states share it while its definition stays the same.</summary>
    public ExternalCache? ExternalCache { get; init; }

    /// <summary>What the snapshot held and this gateway could not take; each such part fails closed.</summary>
    public required IReadOnlyList<string> Problems { get; init; }

    /// <summary>API, operation and product of the request decide; the global document alone when routing found none.</summary>
    public IPolicyProgram ProgramFor(GatewayExchange exchange)
    {
        if (exchange.Api is not { } api)
        {
            return Programs.Global;
        }

        ref var slot = ref api.Program(exchange.Operation!, exchange.Product);
        return slot ??= Programs.Compose(exchange.Product, api, exchange.Operation!);
    }
}
