using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Postern.Policies.Language;
using Postern.Policies.Runtime;

namespace Postern.Policies.BuiltIn;

[Policy("set-header", In.Everywhere, Summary = "Adds, replaces, appends to or removes a header of the request or response.")]
internal sealed record SetHeaderPolicy : Policy, IMessagePolicy, ILight
{
    [XmlAttribute("name", Summary = "Header name.")]
    public required Value<string> Header { get; init; }

    [XmlAttribute("exists-action", Summary = "What to do when the header is there already.")]
    public Value<ExistsAction> ExistsAction { get; init; } = BuiltIn.ExistsAction.Override;

    [XmlChild("value", Summary = "Values; several become one line, or several lines for headers that can't be joined.")]
    public IReadOnlyList<Value<string>> Values { get; init; } = [];

    public override void Validate(PolicyRules rules)
    {
        rules.Check(!Header.IsConstant || HeaderRules.IsName(Header.Constant), $"'{(Header.IsConstant ? Header.Constant : "")}' is not a header name.");
        rules.Check(Values.Count > 0 || !ExistsAction.IsConstant || ExistsAction.Constant == BuiltIn.ExistsAction.Delete,
            "A 'value' is needed unless exists-action is delete.");
        rules.Check(!(Header is { IsConstant: true, Constant: var name } && name.Equals("Host", StringComparison.OrdinalIgnoreCase))
            || Values.All(value => !value.IsConstant || HeaderRules.IsHost(value.Constant)), "The value of Host is a name or address, and perhaps a port.");
        rules.Check(Values.All(value => !value.IsConstant || HeaderRules.IsValue(value.Constant)), "A header value may not contain line breaks.");
    }

    public override PolicyStep Compile(PolicyCompile compile) => compile.OnOwnMessage(CompileEdit(compile));

    public MessageEdit CompileEdit(PolicyCompile compile)
    {
        if (Header.IsConstant && ExistsAction.IsConstant && Values.All(value => value.IsConstant))
        {
            var name = Header.Constant;
            var action = ExistsAction.Constant;
            var values = HeaderRules.Join(name, [.. Values.Select(value => value.Constant)]);
            return (_, message) =>
            {
                Apply(message, name, action, values);
                return default;
            };
        }

        return (context, message) =>
        {
            var name = Header.Get(context);
            var values = ValuesFor(context, name);
            Apply(message, HeaderRules.CheckName(name), ExistsAction.Get(context), values);
            return default;
        };
    }

    private StringValues ValuesFor(PolicyContext context, string name)
    {
        if (Values is [var only])
        {
            return HeaderRules.CheckValue(only.Get(context));
        }

        var values = new string[Values.Count];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = HeaderRules.CheckValue(Values[i].Get(context));
        }

        return HeaderRules.Join(name, values);
    }

    private static void Apply(PolicyMessage message, string name, ExistsAction action, StringValues values)
    {
        var headers = message.Headers;
        if (HeaderRules.IsFramed(name) || (action == BuiltIn.ExistsAction.Delete && name.Equals("Server", StringComparison.OrdinalIgnoreCase)))
        {
            return;
        }

        switch (action)
        {
            case BuiltIn.ExistsAction.Delete:
                headers.Remove(name);
                break;
            case BuiltIn.ExistsAction.Skip when headers.ContainsKey(name):
                break;
            case BuiltIn.ExistsAction.Append when headers.TryGetValue(name, out var existing):
                headers[name] = HeaderRules.Join(name, [.. existing.Select(value => value ?? ""), .. values.Select(value => value ?? "")]);
                break;
            default:
                headers[name] = values;
                break;
        }

        if (name.Length == 4 && name.Equals("Host", StringComparison.OrdinalIgnoreCase) && message is PolicyRequest request && action != BuiltIn.ExistsAction.Skip)
        {
            request.BackendHost = action == BuiltIn.ExistsAction.Delete ? null : HeaderRules.CheckHost(headers.Host.ToString());
        }
    }
}

/// <summary>What to do when the header or parameter is there already.</summary>
internal enum ExistsAction : byte
{
    Override,
    Skip,
    Append,
    Delete,
}
