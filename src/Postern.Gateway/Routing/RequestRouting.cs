using Postern.Gateway.State;
using Postern.Policies.Runtime;

namespace Postern.Gateway.Routing;

/// <summary>From the request line to API and operation.</summary>
internal static class RequestRouting
{
    private static readonly PolicyError NotFound = new()
    {
        Source = "configuration",
        Reason = "OperationNotFound",
        Message = "Unable to match incoming request to an operation.",
        StatusCode = 404,
        PublicMessage = "Resource not found",
        Section = "backend",
    };

    private static readonly PolicyError BadPath = new()
    {
        Source = "configuration",
        Reason = "BadRequest",
        Message = "The path of the request is malformed or ambiguous.",
        StatusCode = 400,
        PublicMessage = "Bad request",
        Section = "backend",
    };

    /// <summary>RFC 9110 15.5.20: clients that share one HTTP/2 connection among names make one of its own and ask again.</summary>
    private static readonly PolicyError Misdirected = new()
    {
        Source = "configuration",
        Reason = "MisdirectedRequest",
        Message = "The host name asks callers for a certificate, and this connection was made for another name that doesn't.",
        StatusCode = 421,
        PublicMessage = "Misdirected request",
        Section = "backend",
    };

    /// <summary>Sets API, operation, matched parameters and the default backend target.</summary>
    /// <returns>Null when the request matched.</returns>
    public static PolicyError? Match(GatewayExchange exchange, bool trustForwardedProto)
    {
        var context = exchange.Context;
        if (!exchange.ReadUrl())
        {
            return BadPath;
        }

        if (exchange.IsMultiplexed && exchange.State.Certificates.Hostnames.NegotiatesClientCertificates && IsMisdirected(exchange))
        {
            return Misdirected;
        }

        ref var url = ref context.Request.OriginalUrl;
        var protocol = Protocol(exchange, url.Scheme, trustForwardedProto);
        var question = new ApiQuestion(protocol, url.Query, context.Request.Headers);
        if (exchange.State.Apis.Find(url.Path, question, out var start) is not { } api)
        {
            return NotFound;
        }

        // The API's default backend and the rest of the path; policies may change either.
        var query = api.IsSoap ? SoapAction.Query(url.Query, context.Request.Headers) : url.Query;
        var operation = api.Operations.Find(url.Path, start, context.Request.Method, query, exchange.Parameters);
        if (operation is null)
        {
            CorsPreflight.Match(exchange, api, start);
            return NotFound;
        }

        exchange.Api = api;
        exchange.Operation = operation;
        context.Api = api;
        context.Operation = operation;
        if (operation.Template.Parameters.Length > 0)
        {
            exchange.Parameters.Bind(operation.Template, url.Path, url.Query);
            context.Request.MatchedParameters = exchange.Parameters;
        }

        context.Request.Backend = new(api.Backend, null, Rest(url.Path, start, operation), url.Query);
        return null;
    }

    private static bool IsMisdirected(GatewayExchange exchange) =>
        !exchange.WasAskedForCertificate && exchange.Request.Scheme.Length == 5
        && exchange.State.Certificates.Hostnames.Find(exchange.HostName) is { NegotiatesClientCertificate: true };

    /// <summary>The operation's own text when it is the same, so that fixed paths cost no string.</summary>
    private static string Rest(string path, int start, OperationState operation)
    {
        if (start == 0)
        {
            return path;
        }

        var rest = path.AsSpan(start);
        return rest.SequenceEqual(operation.Template.Path) ? operation.Template.Path : rest.ToString();
    }

    private static ApiProtocol Protocol(GatewayExchange exchange, string scheme, bool trustForwardedProto)
    {
        var secure = scheme.Length == 5;
        if (trustForwardedProto && exchange.Context.Request.Headers["X-Forwarded-Proto"] is { Count: > 0 } forwarded)
        {
            var proto = forwarded[0].AsSpan();
            var comma = proto.IndexOf(',');
            proto = (comma < 0 ? proto : proto[..comma]).Trim();
            secure = proto.Equals("https", StringComparison.OrdinalIgnoreCase) || (!proto.Equals("http", StringComparison.OrdinalIgnoreCase) && secure);
        }

        return exchange.IsWebSocket
            ? secure ? ApiProtocol.Wss : ApiProtocol.Ws
            : secure ? ApiProtocol.Https : ApiProtocol.Http;
    }
}
