using Postern.Policies.Language;
using Postern.Policies.Runtime;

namespace Postern.Policies.BuiltIn;

[Policy("publish-to-dapr", In.Everywhere, Summary = "Publishes a message to a topic through the Dapr sidecar.")]
internal sealed record PublishToDaprPolicy : DaprPolicy
{
    [XmlAttribute("pubsub-name", Summary = "Dapr component; when left out, topic is component/topic.")]
    public Value<string>? Component { get; init; }

    [XmlAttribute("topic", Summary = "Topic.")]
    public required Value<string> Topic { get; init; }

    [XmlText(Summary = "The message.")]
    public required Value<string> Message { get; init; }

    protected override Value<string> Content => Message;

    public override void Validate(PolicyRules rules)
    {
        base.Validate(rules);
        rules.Check(Component is not null || !Topic.IsConstant || Topic.Constant.IndexOf('/', StringComparison.Ordinal) > 0,
            "Without 'pubsub-name', 'topic' must be of the form component/topic.");
    }

    public override PolicyStep Compile(PolicyCompile compile) => async context =>
    {
        var topic = Topic.Get(context);
        var component = Component?.Get(context);
        if (string.IsNullOrEmpty(component))
        {
            var slash = topic.IndexOf('/', StringComparison.Ordinal);
            if (slash <= 0)
            {
                return Flow.Fail(Error(500, "DaprTopicInvalid", "Without 'pubsub-name', 'topic' must be of the form component/topic.") with { PublicMessage = null });
            }

            (component, topic) = (topic[..slash], topic[(slash + 1)..]);
        }

        var message = await ContentAsync(context, compile) ?? "";
        var type = ContentType is null ? ServiceCall.ContentTypeOf(message) : "application/json";
        return await CallAsync(context, $"/v1.0/publish/{Uri.EscapeDataString(component)}/{string.Join('/', topic.Split('/').Select(Uri.EscapeDataString))}", ServiceCall.Post(type, message));
    };
}
