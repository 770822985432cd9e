using Postern.Policies.Language;
using Postern.Policies.Runtime;

namespace Postern.Policies.BuiltIn;

[Policy("set-status", In.Everywhere, Summary = "Sets status code and reason of the response.")]
internal sealed record SetStatusPolicy : Policy, IMessagePolicy, ILight
{
    [XmlAttribute("code", Min = 100, Max = 999, Summary = "Status code.")]
    public required Value<int> Code { get; init; }

    [XmlAttribute("reason", AllowsEmpty = true, Summary = "Reason; HTTP/2 has none.")]
    public Value<string>? Reason { get; init; }

    public override PolicyStep Compile(PolicyCompile compile)
    {
        var edit = CompileEdit(compile);
        return context => edit(context, context.Response);
    }

    public MessageEdit CompileEdit(PolicyCompile compile) => (context, message) =>
    {
        var response = (PolicyResponse)message;
        response.StatusCode = Code.Get(context);
        response.Reason = Reason?.Get(context) is { Length: > 0 } reason ? HeaderRules.CheckValue(reason) : null;
        return default;
    };
}
