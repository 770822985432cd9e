using Postern.Policies.Language;
using Postern.Policies.Runtime;

namespace Postern.Policies.BuiltIn;

[Policy("cache-store", In.Outbound, Once = Once.PerSection, Summary = "Keeps the response for the cache-lookup of the same request.")]
internal sealed record CacheStorePolicy : Policy
{
    [XmlAttribute("duration", Min = 0, Summary = "Seconds to keep it.")]
    public required Value<int> Duration { get; init; }

    [XmlAttribute("cache-response", Summary = "Whether to keep this response; only status 200 when left out.")]
    public Value<bool>? CacheResponse { get; init; }

    public override PolicyStep Compile(PolicyCompile compile) => async context =>
    {
        var wanted = CacheResponse?.Get(context) ?? context.Response.StatusCode == 200;
        if (!wanted || context.CacheKey is not { } key || context.Services.Resources?.Cache is not { } cache)
        {
            return Flow.Continue;
        }

        var body = context.Response.Body;
        await body.BufferAsync(context.Aborted);
        var bytes = body.State == MessageBodyState.Buffered ? body.Bytes : default;
        await CacheChoice.SetAsync(cache, context, key, CacheCodec.EncodeResponse(context.Response, bytes), Duration.Get(context));
        return Flow.Continue;
    };
}
