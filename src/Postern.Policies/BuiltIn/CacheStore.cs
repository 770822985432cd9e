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
        var response = context.Response;
        var wanted = CacheResponse?.Get(context) ?? response.StatusCode == 200;
        if (!wanted || context.CacheQuestion is not { } question || !IsWhole(response))
        {
            return Flow.Continue;
        }

        // What is too large streams on to the caller.
        var body = response.Body;
        if (response.Headers.ContentLength > question.Cache.LargestValue || !await body.TryBufferAsync(question.Cache.LargestValue, context.Aborted))
        {
            return Flow.Continue;
        }

        var seconds = Duration.Get(context);
        var bytes = CacheCodec.EncodeResponse(response, body.State == MessageBodyState.Buffered ? body.Bytes : default);
        if (seconds > 0 && bytes.Length <= question.Cache.LargestValue)
        {
            await CacheChoice.SetAsync(question.Cache, context, question.Key, bytes, seconds);
            context.Services.Resources?.Flights.Bears(question.Key);
            question.Flight?.Land(bytes, context.Services.Time.GetUtcNow());
        }

        return Flow.Continue;
    };

    /// <summary>No interim answer, no part, and no word that nothing changed.</summary>
    private static bool IsWhole(PolicyResponse response) =>
        response.StatusCode is >= 200 and not 206 and not 304 && response.Headers.ContentRange.Count == 0;
}
