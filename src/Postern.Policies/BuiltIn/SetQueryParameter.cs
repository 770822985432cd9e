using System.Text;
using Postern.Policies.Language;
using Postern.Policies.Runtime;

namespace Postern.Policies.BuiltIn;

[Policy("set-query-parameter", In.Everywhere, Summary = "Adds, replaces, appends or removes a query parameter of the request to the backend.")]
internal sealed record SetQueryParameterPolicy : Policy, ILight
{
    [XmlAttribute("name", Summary = "Parameter name.")]
    public required Value<string> Parameter { get; init; }

    [XmlAttribute("exists-action", Summary = "What to do when the parameter is there already.")]
    public Value<ExistsAction> ExistsAction { get; init; } = BuiltIn.ExistsAction.Override;

    [XmlChild("value", Summary = "Values; several repeat the parameter.")]
    public IReadOnlyList<Value<string>> Values { get; init; } = [];

    public override void Validate(PolicyRules rules) =>
        rules.Check(Values.Count > 0 || !ExistsAction.IsConstant || ExistsAction.Constant == BuiltIn.ExistsAction.Delete,
            "A 'value' is needed unless exists-action is delete.");

    public override PolicyStep Compile(PolicyCompile compile) => context =>
    {
        var name = Parameter.Get(context);
        var action = ExistsAction.Get(context);
        var existing = context.Request.Backend.Query ?? "";
        var query = new StringBuilder();
        var found = false;
        foreach (var written in new WrittenParameters(existing))
        {
            var isIt = WrittenParameters.IsNamed(written, name);
            found |= isIt;
            if (!isIt || action is BuiltIn.ExistsAction.Skip or BuiltIn.ExistsAction.Append)
            {
                Separate(query).Append(written);
            }
        }

        if (action != BuiltIn.ExistsAction.Delete && !(found && action == BuiltIn.ExistsAction.Skip))
        {
            foreach (var value in Values)
            {
                Separate(query).Append(Uri.EscapeDataString(name)).Append('=').Append(Uri.EscapeDataString(value.Get(context)));
            }
        }

        context.Request.Backend = context.Request.Backend with { Query = query.ToString() };
        return default;
    };

    private static StringBuilder Separate(StringBuilder query) => query.Append(query.Length == 0 ? '?' : '&');
}
