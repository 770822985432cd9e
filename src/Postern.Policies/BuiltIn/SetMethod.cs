using Postern.Policies.Language;
using Postern.Policies.Runtime;

namespace Postern.Policies.BuiltIn;

[Policy("set-method", In.Everywhere, Summary = "Changes the method of the request.")]
internal sealed record SetMethodPolicy : Policy, IMessagePolicy, ILight
{
    [XmlText(Summary = "The method.")]
    public required Value<string> Method { get; init; }

    public override void Validate(PolicyRules rules) =>
        rules.Check(!Method.IsConstant || HeaderRules.IsName(Method.Constant), "The text is not a method.");

    public override PolicyStep Compile(PolicyCompile compile)
    {
        var edit = CompileEdit(compile);
        return context => edit(context, context.Request);
    }

    public MessageEdit CompileEdit(PolicyCompile compile) => (context, message) =>
    {
        ((PolicyRequest)message).Method = HeaderRules.CheckName(Method.Get(context).Trim()).ToUpperInvariant();
        return default;
    };
}
