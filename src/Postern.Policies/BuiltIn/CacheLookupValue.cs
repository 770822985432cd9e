using Postern.Policies.Language;
using Postern.Policies.Runtime;

namespace Postern.Policies.BuiltIn;

[Policy("cache-lookup-value", In.Everywhere, Summary = "Gets a value from the cache into a variable.")]
internal sealed record CacheLookupValuePolicy : Policy
{
    [XmlAttribute("key", Summary = "Key of the value.")]
    public required Value<string> Key { get; init; }

    [XmlAttribute("variable-name", Summary = "Variable that gets it; not made when there is nothing and no default.")]
    public required string Variable { get; init; }

    [XmlAttribute("default-value", AllowsEmpty = true, Summary = "What the variable gets when there is nothing.")]
    public Value<object>? DefaultValue { get; init; }

    [XmlAttribute("caching-type", Summary = "Which cache.")]
    public CachingType CachingType { get; init; }

    public override PolicyStep Compile(PolicyCompile compile) => async context =>
    {
        var bytes = await CacheChoice.GetAsync(CacheChoice.For(context, CachingType), context, $"value/{Key.Get(context)}");
        if (bytes is not null && CacheCodec.TryDecodeValue(bytes, out var value))
        {
            context.Variables.Set(Variable, value);
        }
        else if (DefaultValue is not null)
        {
            context.Variables.Set(Variable, DefaultValue.Get(context));
        }

        return Flow.Continue;
    };
}
