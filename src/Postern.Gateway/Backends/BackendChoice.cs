using Postern.Gateway.State;

namespace Postern.Gateway.Backends;

/// <summary>Which backend gets a request that names an entity. Each attempt chooses anew, so a retry moves on to another member of a pool.</summary>
internal static class BackendChoice
{
    /// <returns>Null when none can be called; the exchange then has the response for the caller.</returns>
    public static BackendState? Choose(GatewayExchange exchange, BackendState named)
    {
        exchange.NewSession = null;
        if (named.Pool is { } pool)
        {
            return Choose(exchange, named, pool);
        }

        if (named.IsAvailable)
        {
            return named;
        }

        var (status, seconds) = named.Breaker!.Refusal;
        UnavailableAnswer.Put(exchange, named.Id, status, seconds);
        return null;
    }

    private static BackendState? Choose(GatewayExchange exchange, BackendState named, BackendPool pool)
    {
        if (pool.Session is { } session)
        {
            if (session.Find(exchange.Context.Request.Headers.Cookie) is { IsAvailable: true } member)
            {
                return member;
            }

            exchange.NewSession = session;
        }

        if (pool.Pick() is { } picked)
        {
            return picked;
        }

        exchange.NewSession = null;
        UnavailableAnswer.Put(exchange, named.Id, pool.FailureStatus, pool.SecondsUntilAvailable());
        return null;
    }
}
