using Postern.Policies.Language;
using Postern.Policies.Runtime;

namespace Postern.Policies.BuiltIn;

[Policy("set-url", In.Everywhere, PartOnly = true, Summary = "Address of a request that send-request or send-one-way-request makes.")]
internal sealed record SetUrlPolicy : Policy, IMessagePolicy
{
    [XmlText(Summary = "Absolute http or https address.")]
    public required Value<string> Address { get; init; }

    public override void Validate(PolicyRules rules) =>
        rules.Check(!Address.IsConstant || OutgoingMessages.ParseAddress(Address.Constant) is not null, "The text is not an absolute http or https address.");

    public override PolicyStep Compile(PolicyCompile compile) => static _ => default;

    public MessageEdit CompileEdit(PolicyCompile compile) => (context, message) =>
    {
        ((PolicyRequest)message).OwnAddress = Address.Get(context);
        return default;
    };
}
