using System.Diagnostics;
using Postern.Policies.Caching;
using Postern.Policies.Language;
using Postern.Policies.Runtime;

namespace Postern.Policies.BuiltIn;

[Policy("cache-lookup", In.Inbound, Once = Once.PerSection, Summary = "Answers from the cache when a response to the same request was kept.")]
internal sealed record CacheLookupPolicy : Policy
{
    [XmlAttribute("vary-by-developer", Summary = "Keep responses apart by user.")]
    public required Value<bool> VaryByDeveloper { get; init; }

    [XmlAttribute("vary-by-developer-groups", Summary = "Keep responses apart by the user's groups.")]
    public required Value<bool> VaryByGroups { get; init; }

    [XmlAttribute("caching-type", Summary = "Which cache.")]
    public CachingType CachingType { get; init; }

    [XmlAttribute("downstream-caching-type", Summary = "Whether callers and proxies may keep responses.")]
    public Value<DownstreamCaching> Downstream { get; init; } = DownstreamCaching.None;

    [XmlAttribute("must-revalidate", Summary = "Callers must ask again when theirs is too old.")]
    public Value<bool> MustRevalidate { get; init; } = true;

    [XmlAttribute("allow-private-response-caching", Summary = "Also for requests with an Authorization header.")]
    public Value<bool> AllowPrivate { get; init; } = false;

    [XmlChild("vary-by-header", Summary = "Keep responses apart by this header.")]
    public IReadOnlyList<string> Headers { get; init; } = [];

    [XmlChild("vary-by-query-parameter", Summary = "Keep responses apart by these parameters only; names with ; between. All when left out.")]
    public IReadOnlyList<string> Parameters { get; init; } = [];

    public override PolicyStep Compile(PolicyCompile compile)
    {
        var varied = CacheKey.Names(Parameters);
        var scope = compile.Scope.ScopeName();
        return async context =>
        {
            var request = context.Request;
            if (request.Method != "GET" || (request.Headers.Authorization.Count > 0 && !AllowPrivate.Get(context)))
            {
                return Flow.Continue;
            }

            context.RunAtEnd(TellDownstream);

            // A part of a response is not kept, and who asks for one is not sent the whole.
            if (request.Headers.Range.Count > 0 || CacheChoice.For(context, CachingType) is not { } cache)
            {
                return Flow.Continue;
            }

            var key = CacheKey.Of(context, varied, Headers, VaryByDeveloper.Get(context), VaryByGroups.Get(context));
            var began = Stopwatch.GetTimestamp();
            var stored = await FindAsync(context, cache, key, scope);
            context.CacheTicks += Stopwatch.GetTimestamp() - began;
            if (stored is null)
            {
                context.CacheOutcome = CacheOutcome.Miss;
                AskForTheWhole(request);
                return Flow.Continue;
            }

            context.CacheOutcome = CacheOutcome.Hit;
            stored.CopyTo(context.Response);
            return Flow.Resume;
        };
    }

    private static async ValueTask<PolicyResponse?> FindAsync(PolicyContext context, IPolicyCache cache, string key, string scope)
    {
        // Only the last question of a request is answered by its cache-store.
        context.CacheQuestion?.GiveUp(context.Services.Time);
        context.CacheQuestion = new(cache, key, scope, null);
        if (await GetAsync(context, cache, key) is { } found)
        {
            return found;
        }

        var time = context.Services.Time;
        var leads = false;
        if (context.Services.Resources?.Flights.Join(key, time.GetUtcNow(), out leads) is not { } flight)
        {
            return null;
        }

        if (!leads)
        {
            return await flight.WaitAsync(time, context.Aborted) is { } bytes ? CacheCodec.DecodeResponse(bytes) : null;
        }

        context.CacheQuestion = new(cache, key, scope, flight);
        context.RunAtEnd(LetWaitersGo);

        // Whoever led before may have landed between the look and now.
        return await GetAsync(context, cache, key);
    }

    private static async ValueTask<PolicyResponse?> GetAsync(PolicyContext context, IPolicyCache cache, string key)
    {
        if (await CacheChoice.GetAsync(cache, context, key) is not { } bytes || CacheCodec.DecodeResponse(bytes) is not { } stored)
        {
            return null;
        }

        context.CacheQuestion?.Flight?.Land(bytes, context.Services.Time.GetUtcNow());
        return stored;
    }

    /// <summary>A conditional request may be answered with nothing: the response that is to be kept must be complete.</summary>
    private static void AskForTheWhole(PolicyRequest request)
    {
        var headers = request.Headers;
        headers.CacheControl = default;
        headers.Pragma = default;
        headers.IfMatch = default;
        headers.IfNoneMatch = default;
        headers.IfModifiedSince = default;
        headers.IfUnmodifiedSince = default;
        headers.IfRange = default;
    }

    private static ValueTask<Flow> LetWaitersGo(PolicyContext context)
    {
        context.CacheQuestion?.GiveUp(context.Services.Time);
        return default;
    }

    private ValueTask<Flow> TellDownstream(PolicyContext context)
    {
        var kind = Downstream.Get(context);
        context.Response.Headers.CacheControl = kind switch
        {
            DownstreamCaching.None => "no-store",
            DownstreamCaching.Private => MustRevalidate.Get(context) ? "private, must-revalidate" : "private",
            _ => MustRevalidate.Get(context) ? "public, must-revalidate" : "public",
        };
        return default;
    }
}

internal enum DownstreamCaching : byte
{
    None,
    Private,
    Public,
}
