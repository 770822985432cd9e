using Postern.Gateway.Routing;
using Postern.Gateway.State;
using Postern.Policies.Runtime;

namespace Postern.Gateway.Subscriptions;

/// <summary>
/// Which subscription and product a request runs under, or why it is refused. The rules are those of the product's article on
/// subscriptions (2025-12): key valid for the API, else open product, else API without subscription, else 401.
/// </summary>
internal static class SubscriptionCheck
{
    /// <summary>Sets subscription, user and product.</summary>
    /// <returns>Null when the request may go on.</returns>
    public static PolicyError? Check(GatewayExchange exchange)
    {
        var api = exchange.Api!;
        var given = TryFindKey(exchange, api, out var subscription);
        if (subscription is { IsActive: true } && Grants(subscription, api))
        {
            var context = exchange.Context;
            context.Subscription = subscription;
            context.User = subscription.Owner;
            exchange.Product = subscription.Scope == SubscriptionScope.Product ? subscription.Product : null;
            context.Product = exchange.Product;
            return null;
        }

        // A key that grants nothing here counts as none as long as the API can be called without one.
        if (api.OpenProduct is { } open)
        {
            exchange.Product = open;
            exchange.Context.Product = open;
            return null;
        }

        return !api.Snapshot.SubscriptionRequired ? null
            : given ? SubscriptionRefusals.InvalidKey(exchange, api)
            : SubscriptionRefusals.MissingKey(exchange, api);
    }

    private static bool Grants(SubscriptionState subscription, ApiState api) => subscription.Scope switch
    {
        SubscriptionScope.AllAccess or SubscriptionScope.AllApis => true,
        SubscriptionScope.Api => string.Equals(subscription.TargetId, api.Id, StringComparison.OrdinalIgnoreCase),
        _ => subscription.Product is { } product && api.IsIn(product),
    };

    /// <summary>The query is looked at only when the header is absent.</summary>
    private static bool TryFindKey(GatewayExchange exchange, ApiState api, out SubscriptionState? subscription)
    {
        var keys = exchange.State.SubscriptionsByKey;
        var header = exchange.Context.Request.Headers[api.Snapshot.KeyHeader];
        if (header.Count > 0)
        {
            keys.TryGetValue(header[0]!, out subscription);
            return true;
        }

        var query = exchange.Context.Request.OriginalUrl.Query;
        if (query.Length > 0 && QueryText.TryFind(query, api.Snapshot.KeyQuery, out var place))
        {
            keys.TryGetValue(QueryText.Decode(query.AsSpan(place)), out subscription);
            return true;
        }

        subscription = null;
        return false;
    }
}
