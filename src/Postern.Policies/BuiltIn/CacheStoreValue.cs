using Postern.Policies.Language;
using Postern.Policies.Runtime;

namespace Postern.Policies.BuiltIn;

[Policy("cache-store-value", In.Everywhere, Summary = "Keeps a value in the cache.")]
internal sealed record CacheStoreValuePolicy : Policy
{
    [XmlAttribute("key", Summary = "Key of the value.")]
    public required Value<string> Key { get; init; }

    [XmlAttribute("value", AllowsEmpty = true, Summary = "The value; its type is kept.")]
    public required Value<object> Content { get; init; }

    [XmlAttribute("duration", Min = 0, Summary = "Seconds to keep it.")]
    public required Value<int> Duration { get; init; }

    [XmlAttribute("caching-type", Summary = "Which cache.")]
    public CachingType CachingType { get; init; }

    public override PolicyStep Compile(PolicyCompile compile) => async context =>
    {
        await CacheChoice.SetAsync(
            CacheChoice.For(context, CachingType), context, $"value/{Key.Get(context)}", CacheCodec.EncodeValue(Content.Get(context)), Duration.Get(context));
        return Flow.Continue;
    };
}
