using Postern.Policies.Language;
using Postern.Policies.Runtime;

namespace Postern.Policies.BuiltIn;

[Policy("cache-remove-value", In.Everywhere, Summary = "Removes a value from the cache.")]
internal sealed record CacheRemoveValuePolicy : Policy
{
    [XmlAttribute("key", Summary = "Key of the value.")]
    public required Value<string> Key { get; init; }

    [XmlAttribute("caching-type", Summary = "Which cache.")]
    public CachingType CachingType { get; init; }

    [XmlAttribute("fail-on-cache-removal-error", Summary = "Fail the request when the cache fails.")]
    public Value<bool> FailOnError { get; init; } = false;

    public override PolicyStep Compile(PolicyCompile compile) => async context =>
    {
        try
        {
            if (CacheChoice.For(context, CachingType) is { } cache)
            {
                await cache.RemoveAsync($"value/{Key.Get(context)}", context.Aborted);
            }
        }
        catch (IOException problem)
        {
            if (FailOnError.Get(context))
            {
                return Flow.Fail(Error(500, "CacheRemovalFailure", problem.Message) with { PublicMessage = null });
            }

            context.Services.Trace(context, Name, problem.Message);
        }

        return Flow.Continue;
    };
}
