using Postern.Policies.Language;
using Postern.Policies.Runtime;

namespace Postern.Policies.BuiltIn;

[Policy("cors", In.Inbound, Once = Once.PerSection, Summary = "Answers cross-origin preflights and adds the cross-origin headers to responses.")]
internal sealed record CorsPolicy : Policy, ILight
{
    [XmlAttribute("allow-credentials", Summary = "Browsers may send cookies and the like.")]
    public Value<bool> AllowCredentials { get; init; } = false;

    [XmlAttribute("terminate-unmatched-request", Summary = "Answer an empty 200 to requests from other origins instead of going on.")]
    public Value<bool> TerminateUnmatched { get; init; } = false;

    [XmlChild("allowed-origins", Summary = "Origins that may call.")]
    public required OriginList AllowedOrigins { get; init; }

    [XmlChild("allowed-methods", Summary = "Methods beyond GET and POST.")]
    public MethodList? AllowedMethods { get; init; }

    [XmlChild("allowed-headers", Summary = "Request headers that browsers may send.")]
    public HeaderList? AllowedHeaders { get; init; }

    [XmlChild("expose-headers", Summary = "Response headers that scripts may see.")]
    public HeaderList? ExposeHeaders { get; init; }

    public CorsRules Rules => field ??= new CorsRules(this);

    public override void Validate(PolicyRules rules)
    {
        foreach (var origin in AllowedOrigins.Origins.Where(origin => origin.Trim() != "*" && CorsRules.ParseOrigin(origin) is null))
        {
            rules.Broken($"'{origin}' is not an origin such as https://example.com.");
        }

        foreach (var method in AllowedMethods?.Methods.Where(method => method.IsConstant && !HeaderRules.IsName(method.Constant.Trim())) ?? [])
        {
            rules.Broken($"'{method.Constant}' is not a method.");
        }
    }

    public override PolicyStep Compile(PolicyCompile compile) => Rules.Run;

    internal sealed record OriginList : PolicyPart
    {
        [XmlChild("origin", Summary = "* or scheme, host and port.")]
        public required IReadOnlyList<string> Origins { get; init; }
    }

    internal sealed record MethodList : PolicyPart
    {
        [XmlAttribute("preflight-result-max-age", Min = 0, Summary = "Seconds that browsers may keep the answer.")]
        public Value<int>? MaxAge { get; init; }

        [XmlChild("method", Summary = "A method or *.")]
        public required IReadOnlyList<Value<string>> Methods { get; init; }
    }

    internal sealed record HeaderList : PolicyPart
    {
        [XmlChild("header", Summary = "A name or *.")]
        public required IReadOnlyList<string> Headers { get; init; }
    }
}
