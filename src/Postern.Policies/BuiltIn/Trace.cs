using Postern.Policies.Language;
using Postern.Policies.Runtime;

namespace Postern.Policies.BuiltIn;

[Policy("trace", In.Everywhere, Summary = "Adds a message to the request's trace and to the telemetry.")]
internal sealed record TracePolicy : Policy
{
    [XmlAttribute("source", Summary = "Where the message comes from.")]
    public required string Origin { get; init; }

    [XmlAttribute("severity", Summary = "Least severity that the telemetry must ask for.")]
    public TraceSeverity Severity { get; init; }

    [XmlChild("message", Summary = "The message.")]
    public Value<string>? Message { get; init; }

    [XmlChild("metadata", Summary = "Named values that go with it.")]
    public IReadOnlyList<Metadata> Properties { get; init; } = [];

    [XmlText(Summary = "The message, in an older way of writing.")]
    public Value<string>? Text { get; init; }

    public override void Validate(PolicyRules rules) => rules.Check(Message is not null || Text is not null, "Element 'message' is missing.");

    public override PolicyStep Compile(PolicyCompile compile)
    {
        var message = Message ?? Text!;
        return context =>
        {
            var properties = Properties.Count == 0 ? []
                : Properties.Select(item => new KeyValuePair<string, string>(item.Key.Get(context), item.Content.Get(context))).ToArray();
            context.Services.Trace(context, Origin, Severity, message.Get(context), properties);
            return default;
        };
    }

    internal sealed record Metadata : PolicyPart
    {
        [XmlAttribute("name")]
        public required Value<string> Key { get; init; }

        [XmlAttribute("value", AllowsEmpty = true)]
        public required Value<string> Content { get; init; }
    }
}
