using Postern.Policies.Language;
using Postern.Policies.Runtime;

namespace Postern.Policies.BuiltIn;

[Policy("set-variable", In.Everywhere, Summary = "Stores a value under a name for the rest of the request.")]
internal sealed record SetVariablePolicy : Policy, ILight
{
    [XmlAttribute("name", Summary = "Name in context.Variables.")]
    public required string Variable { get; init; }

    [XmlAttribute("value", AllowsEmpty = true, Summary = "A constant is stored as text, an expression with its own type.")]
    public required Value<object> Content { get; init; }

    public override PolicyStep Compile(PolicyCompile compile)
    {
        var name = Variable;
        if (Content.IsConstant)
        {
            var constant = Content.Constant;
            return context =>
            {
                context.Variables.Set(name, constant);
                return default;
            };
        }

        return context =>
        {
            context.Variables.Set(name, Content.Get(context));
            return default;
        };
    }
}
