using Postern.Policies.Language;
using Postern.Policies.Runtime;

namespace Postern.Policies.BuiltIn;

[Policy("check-header", In.Inbound, Summary = "Demands a request header, and if values are listed, one of them.")]
internal sealed record CheckHeaderPolicy : Policy, ILight
{
    [XmlAttribute("name", Summary = "Header name.")]
    public required Value<string> Header { get; init; }

    [XmlAttribute("failed-check-httpcode", Min = 100, Max = 999, Summary = "Status of the refusal.")]
    public required Value<int> Status { get; init; }

    [XmlAttribute("failed-check-error-message", AllowsEmpty = true, Summary = "Message of the refusal.")]
    public required Value<string> Message { get; init; }

    [XmlAttribute("ignore-case", Summary = "Compare values without regard to case.")]
    public Value<bool> IgnoreCase { get; init; } = false;

    [XmlChild("value", Summary = "Allowed values; none checks presence only.")]
    public IReadOnlyList<Value<string>> Values { get; init; } = [];

    public override PolicyStep Compile(PolicyCompile compile) => context =>
    {
        var name = Header.Get(context);
        var found = context.Request.Headers.TryGetValue(name, out var values) ? values.ToString() : "";
        if (found.Length == 0)
        {
            return Refuse(context, "HeaderNotFound", $"Header {name} was not found in the request. Access denied.");
        }

        if (Values.Count == 0)
        {
            return default;
        }

        var comparison = IgnoreCase.Get(context) ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal;
        if (values.Count == 1)
        {
            foreach (var allowed in Values)
            {
                if (found.Equals(allowed.Get(context), comparison))
                {
                    return default;
                }
            }
        }

        return Refuse(context, "HeaderValueNotAllowed", $"Header {name} value of {found} is not allowed. Access denied.");
    };

    private ValueTask<Flow> Refuse(PolicyContext context, string reason, string message) =>
        new(Flow.Fail(Error(Status.Get(context), reason, message, Message.Get(context))));
}
