using Newtonsoft.Json;
using Newtonsoft.Json.Linq;
using Postern.Policies.Expressions;
using Postern.Policies.Language;
using Postern.Policies.Runtime;

namespace Postern.Policies.Liquid;

/// <summary>What templates see of a request: <c>body</c> and <c>context</c>.</summary>
internal static class LiquidContext
{
    /// <param name="body">The message whose body is <c>body</c>; null when one is being built and has none yet.</param>
    /// <exception cref="InvalidOperationException">The body is not what its Content-Type says.</exception>
    public static Dictionary<string, object?> For(PolicyContext context, PolicyMessage? body, bool parseDate, bool nilIsNull) => new(StringComparer.OrdinalIgnoreCase)
    {
        ["body"] = body is null ? null : Body(body, parseDate, nilIsNull),
        ["context"] = new Members(name => name switch
        {
            "Request" => Request(context),
            "Response" => context.Response.Exists ? Response(context) : null,
            "Variables" => new Members(variable => context.Variables[variable]),
            _ => null,
        }),
    };

    private static object? Body(PolicyMessage message, bool parseDate, bool nilIsNull)
    {
        if (message.Body.State != MessageBodyState.Buffered || message.Body.Bytes.IsEmpty)
        {
            return null;
        }

        if (MessageText.IsXml(message))
        {
            return new LiquidXml(MessageText.ParseXml(message, BodyEncoding.Plain(message, message.Body.Bytes).Span), nilIsNull);
        }

        if (!MessageText.IsJson(message))
        {
            return null;
        }

        try
        {
            using var reader = new JsonTextReader(new StringReader(MessageText.Decode(message, BodyEncoding.Plain(message, message.Body.Bytes).Span)))
            {
                DateParseHandling = parseDate ? DateParseHandling.DateTime : DateParseHandling.None,
                MaxDepth = 128,
            };
            return LiquidValues.Wrap(JToken.ReadFrom(reader));
        }
        catch (JsonException problem)
        {
            throw new InvalidOperationException($"The message body is not a valid JSON. {problem.Message}", problem);
        }
    }

    private static Members Request(PolicyContext context)
    {
        IRequest request = context.Expression.Request;
        return new(name => name switch
        {
            "Url" => Url(request.Url),
            "OriginalUrl" => Url(request.OriginalUrl),
            "Method" => request.Method,
            "OriginalMethod" => context.Request.OriginalMethod,
            "IpAddress" => request.IpAddress,
            "MatchedParameters" => new Members(parameter => request.MatchedParameters.GetValueOrDefault(parameter)),
            "HasBody" => request.Body is not null,
            "Headers" => new Headers(context.Request),
            _ => null,
        });
    }

    private static Members Response(PolicyContext context) => new(name => name switch
    {
        "StatusCode" => (long)context.Response.StatusCode,
        "Method" => context.Request.Method,
        "Headers" => new Headers(context.Response),
        _ => null,
    });

    private static Members Url(IUrl url) => new(
        name => name switch
        {
            "Scheme" => url.Scheme,
            "Host" => url.Host,
            "Port" => (long)url.Port,
            "Path" => url.Path,
            "QueryString" => url.QueryString,
            "Query" => new Members(parameter => url.Query.TryGetValue(parameter, out var values) ? string.Join(",", values) : null),
            "ToUri" or "ToString" => url.ToString(),
            _ => null,
        },
        url.ToString());

    private sealed class Members(Func<string, object?> find, string? text = null) : ILiquidObject
    {
        public object? Member(string name) => find(name);

        public override string ToString() => text ?? "";
    }

    /// <summary>By name, and one by one with Key and Value.</summary>
    private sealed class Headers(PolicyMessage message) : ILiquidObject, IEnumerable<object?>
    {
        public object? Member(string name) => message.Headers.TryGetValue(name, out var value) ? value.ToString() : null;

        public IEnumerator<object?> GetEnumerator() => message.Headers.Select(header => (object?)new Members(name => name switch
        {
            "Key" => header.Key,
            "Value" => header.Value.ToString(),
            _ => null,
        })).GetEnumerator();

        System.Collections.IEnumerator System.Collections.IEnumerable.GetEnumerator() => GetEnumerator();

        public override string ToString() => "";
    }
}
