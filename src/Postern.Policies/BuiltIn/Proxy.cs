using Postern.Policies.Language;
using Postern.Policies.Runtime;

namespace Postern.Policies.BuiltIn;

[Policy("proxy", In.Inbound | In.Backend, Summary = "Sends the request to the backend through an HTTP proxy.")]
internal sealed record ProxyPolicy : Policy, IMessagePolicy, ILight
{
    [XmlAttribute("url", Summary = "http://host:port of the proxy.")]
    public required Value<string> Address { get; init; }

    [XmlAttribute("username", AllowsEmpty = true, Summary = "User at the proxy.")]
    public Value<string>? UserName { get; init; }

    [XmlAttribute("password", AllowsEmpty = true, Summary = "Password at the proxy.")]
    public Value<string>? Password { get; init; }

    public override void Validate(PolicyRules rules) =>
        rules.Check(!Address.IsConstant || Parse(Address.Constant) is not null, "Attribute 'url' is not an address such as http://proxy:8080.");

    public override PolicyStep Compile(PolicyCompile compile)
    {
        var edit = CompileEdit(compile);
        return context => (context.Services.BackendFeatures & BackendFeatures.Proxy) != 0
            ? edit(context, context.Request)
            : new(Flow.Fail(Error(500, "PolicyNotSupported", "This gateway can't call backends through a proxy.") with { PublicMessage = null }));
    }

    public MessageEdit CompileEdit(PolicyCompile compile) => (context, message) =>
    {
        if (Parse(Address.Get(context)) is not { } address)
        {
            return new(Flow.Fail(Error(500, "ProxyAddressInvalid", "The value of 'url' is not an address such as http://proxy:8080.") with { PublicMessage = null }));
        }

        ((PolicyRequest)message).BackendProxy = new(address, UserName?.Get(context), Password?.Get(context));
        return default;
    };

    private static Uri? Parse(string text) => Uri.TryCreate(text, UriKind.Absolute, out var address) && address.Scheme == "http" ? address : null;
}
