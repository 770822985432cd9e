using System.Net;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Postern.Policies.Runtime;

namespace Postern.Gateway.Tracing;

/// <summary>The parts of a trace in the shapes that the product's traces have.</summary>
internal static class TraceShapes
{
    public static JsonArray Headers(IHeaderDictionary headers, TraceMask mask) =>
        [.. headers.Select(header => new JsonObject { ["name"] = header.Key, ["value"] = mask.Header(header.Key, header.Value) })];

    public static JsonObject Response(PolicyResponse response, TraceMask mask) => new()
    {
        ["status"] = new JsonObject { ["code"] = ((HttpStatusCode)response.StatusCode).ToString(), ["reason"] = response.Reason ?? ReasonOf(response.StatusCode) },
        ["headers"] = Headers(response.Headers, mask),
    };

    public static string Url(in RequestUrl url, TraceMask mask)
    {
        var port = url.Port == (url.Scheme == "https" ? 443 : 80) ? "" : $":{url.Port}";
        return $"{url.Scheme}://{url.Host}{port}{url.Path}{mask.Query(url.Query)}";
    }

    public static string BackendUrl(GatewayExchange exchange, TraceMask mask)
    {
        ref var target = ref exchange.Context.Request.Backend;
        var address = target.BackendId is { } id ? exchange.FindBackend(id) : target.Base;
        return $"{address?.GetLeftPart(UriPartial.Path).TrimEnd('/')}{target.Path}{mask.Query(target.Query)}";
    }

    public static JsonObject Configuration(GatewayExchange exchange)
    {
        if (exchange.Api is not { } api)
        {
            return new() { ["api"] = "-", ["operation"] = "-" };
        }

        var backend = api.Backend;
        return new()
        {
            ["api"] = new JsonObject
            {
                ["from"] = "/" + api.RoutePath,
                ["to"] = backend is null ? null : new JsonObject
                {
                    ["scheme"] = backend.Scheme,
                    ["host"] = backend.Host,
                    ["port"] = backend.Port,
                    ["path"] = backend.AbsolutePath,
                    ["queryString"] = "",
                    ["query"] = new JsonObject(),
                    ["isDefaultPort"] = backend.IsDefaultPort,
                },
                ["version"] = api.Version,
                ["revision"] = api.Revision,
            },
            ["operation"] = exchange.Operation is { } operation
                ? new JsonObject { ["method"] = operation.Method, ["uriTemplate"] = operation.UrlTemplate }
                : "-",
            ["user"] = exchange.Context.User?.Id ?? "-",
            ["product"] = exchange.Product?.Id ?? "-",
        };
    }

    /// <summary>What a policy did.</summary>
    public static JsonNode? Outcome(PolicyContext context, TraceStep step, Flow flow, TraceMask mask, bool hidesVariables)
    {
        var changes = step.Before?.ChangesTo(context, mask, hidesVariables) ?? [];
        if (flow.Error is { } error)
        {
            return new JsonObject { ["message"] = Texts([.. changes, error.Message]), ["reason"] = error.Reason, ["statusCode"] = error.StatusCode };
        }

        switch (step.Source)
        {
            case "return-response":
                return new JsonObject { ["message"] = "Return response was applied", ["response"] = Response(context.Response, mask) };
            case "cors" when context.Request.Headers.Origin.Count == 0:
                return "Origin header was missing or empty and the request was classified as not cross-domain. CORS policy was not applied.";
            case "set-status":
                changes =
                [
                    $"Response status code was set to {context.Response.StatusCode}",
                    .. context.Response.Reason is { } reason ? (IEnumerable<string>)[$"Response status reason was set to '{reason}'"] : [],
                ];
                break;
        }

        if (flow.Kind == FlowKind.Respond)
        {
            changes.Add("The policy ended the processing with its response");
        }

        return new JsonObject { ["message"] = Texts(changes) };
    }

    private static JsonArray Texts(IEnumerable<string> texts) => [.. texts.Select(text => JsonValue.Create(text))];

    private static string? ReasonOf(int status) =>
        Microsoft.AspNetCore.WebUtilities.ReasonPhrases.GetReasonPhrase(status) is { Length: > 0 } reason ? reason : null;
}
