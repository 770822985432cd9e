using Microsoft.AspNetCore.Http;
using Postern.Gateway.State;
using Postern.Gateway.Subscriptions;

namespace Postern.Gateway.Routing;

/// <summary>
/// A browser asks with OPTIONS whether a script may call; it sends no subscription key. Where no operation takes OPTIONS, the cors policies
/// of the operation that it asks about answer alone.
/// </summary>
internal static class CorsPreflight
{
    /// <summary>Remembers the operation that a preflight asks about.</summary>
    public static void Match(GatewayExchange exchange, ApiState api, int start)
    {
        var headers = exchange.Context.Request.Headers;
        if (!HttpMethods.IsOptions(exchange.Context.Request.Method) || headers.Origin.Count == 0 || headers.AccessControlRequestMethod.Count != 1)
        {
            return;
        }

        ref var url = ref exchange.Context.Request.OriginalUrl;
        if (api.Operations.Find(url.Path, start, headers.AccessControlRequestMethod[0] ?? "", url.Query, exchange.Parameters) is { } operation)
        {
            exchange.Preflight = (api, operation);
        }
    }

    /// <returns>False when the request is no preflight, or no cors policy applies: it is then as any other.</returns>
    public static bool TryAnswer(GatewayExchange exchange)
    {
        if (exchange.Preflight is not var (api, operation))
        {
            return false;
        }

        var context = exchange.Context;
        (exchange.Api, exchange.Operation) = (api, operation);
        (context.Api, context.Operation) = (api, operation);

        // Browsers send no header with the key, but a key in the query is there and says which product's policies apply. None is demanded.
        _ = SubscriptionCheck.Check(exchange);
        if (exchange.State.ProgramFor(exchange).TryAnswerPreflight(context))
        {
            return true;
        }

        (exchange.Api, exchange.Operation, exchange.Product) = (null, null, null);
        (context.Api, context.Operation, context.Product) = (null, null, null);
        (context.Subscription, context.User) = (null, null);
        return false;
    }
}
