using System.Text;
using Microsoft.AspNetCore.WebUtilities;
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

    public override PolicyStep Compile(PolicyCompile compile) => async context =>
    {
        var request = context.Request;
        if (request.Method != "GET" || (request.Headers.Authorization.Count > 0 && !AllowPrivate.Get(context)) || CacheChoice.For(context, CachingType) is not { } cache)
        {
            return Flow.Continue;
        }

        var key = KeyOf(context);
        context.CacheKey = key;
        context.RunAtEnd(TellDownstream);
        if (await CacheChoice.GetAsync(cache, context, key) is not { } bytes || CacheCodec.DecodeResponse(bytes) is not { } stored)
        {
            return Flow.Continue;
        }

        stored.CopyTo(context.Response);
        return Flow.Respond;
    };

    private string KeyOf(PolicyContext context)
    {
        var url = context.Request.OriginalUrl;
        var key = new StringBuilder("response/").Append(url.Host).Append(url.Path).Append('\n');
        var names = Parameters.SelectMany(text => text.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)).ToHashSet(StringComparer.OrdinalIgnoreCase);
        var pairs = new List<(string Name, string Value)>();
        foreach (var pair in new QueryStringEnumerable(url.Query))
        {
            var name = pair.DecodeName().ToString();
            if (names.Count == 0 || names.Contains(name))
            {
                pairs.Add((name, pair.DecodeValue().ToString()));
            }
        }

        foreach (var (name, value) in pairs.OrderBy(pair => pair.Name, StringComparer.Ordinal))
        {
            key.Append(Uri.EscapeDataString(name)).Append('=').Append(Uri.EscapeDataString(value)).Append('&');
        }

        foreach (var header in Headers)
        {
            key.Append('\n').Append(header).Append(':').Append(Uri.EscapeDataString(context.Request.Headers[header].ToString()));
        }

        if (VaryByDeveloper.Get(context))
        {
            key.Append("\nuser:").Append(context.User?.Id);
        }

        if (VaryByGroups.Get(context))
        {
            key.Append("\ngroups:").AppendJoin(',', (context.User?.Groups ?? []).Select(group => group.Id).Order(StringComparer.Ordinal));
        }

        return key.ToString();
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
