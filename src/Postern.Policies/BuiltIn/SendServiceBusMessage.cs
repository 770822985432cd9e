using Microsoft.AspNetCore.Http;
using Postern.Policies.Language;
using Postern.Policies.Runtime;

namespace Postern.Policies.BuiltIn;

[Policy("send-service-bus-message", In.Everywhere, Summary = "Sends a message to a Service Bus queue or topic with the gateway's own identity.")]
internal sealed record SendServiceBusMessagePolicy : Policy
{
    private const string Resource = "https://servicebus.azure.net";

    /// <summary>A message's properties travel as headers; these mean something else.</summary>
    private static readonly string[] Reserved = ["Authorization", "BrokerProperties", "Content-Type", "Content-Length", "Host", "Transfer-Encoding", "Connection", "Expect"];

    [XmlAttribute("queue-name", Summary = "Queue.")]
    public Value<string>? Queue { get; init; }

    [XmlAttribute("topic-name", Summary = "Topic.")]
    public Value<string>? Topic { get; init; }

    [XmlAttribute("namespace", Summary = "Host name of the namespace, such as contoso.servicebus.windows.net.")]
    public required Value<string> Namespace { get; init; }

    [XmlAttribute("client-id", Summary = "A user-assigned identity; the gateway's own when left out.")]
    public Value<string>? ClientId { get; init; }

    [XmlChild("payload", Summary = "The message.")]
    public required Value<string> Payload { get; init; }

    [XmlChild("message-properties", Summary = "Properties of the message.")]
    public PropertiesPart? Properties { get; init; }

    public override void Validate(PolicyRules rules)
    {
        rules.Check((Queue is null) != (Topic is null), "Exactly one of the attributes 'queue-name' and 'topic-name' is needed.");
        rules.Check(!Namespace.IsConstant || Uri.CheckHostName(Namespace.Constant) == UriHostNameType.Dns, "Attribute 'namespace' is not a host name.");
    }

    public override PolicyStep Compile(PolicyCompile compile) => async context =>
    {
        var host = Namespace.Get(context);
        if (Uri.CheckHostName(host) != UriHostNameType.Dns)
        {
            return Flow.Fail(Failed("ServiceBusAddressInvalid", "The value of 'namespace' is not a host name."));
        }

        var payload = Payload.Get(context);
        var request = ServiceCall.Post(ServiceCall.ContentTypeOf(payload), payload);
        foreach (var property in Properties?.Properties ?? [])
        {
            request.Headers[property.Property] = $"\"{HeaderRules.CheckValue(property.Text.Get(context)).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";
        }

        if (context.Services.Resources?.IdentityTokens is not { } tokens)
        {
            return Flow.Fail(Failed("ManagedIdentityTokenFailure", PolicyResources.NoIdentity));
        }

        try
        {
            request.Headers.Authorization = $"Bearer {await tokens.GetAsync(Resource, ClientId?.Get(context), context.Aborted)}";
        }
        catch (Exception problem) when (problem is HttpRequestException or IOException or InvalidOperationException)
        {
            return Flow.Fail(Failed("ManagedIdentityTokenFailure", problem.Message));
        }

        var entity = string.Join('/', (Queue ?? Topic)!.Get(context).Split('/').Select(Uri.EscapeDataString));
        var response = new PolicyResponse { Headers = new HeaderDictionary() };
        var failure = await ServiceCall.SendAsync(context, new($"https://{host}/{entity}/messages"), request, response, TimeSpan.FromSeconds(60));
        if (failure is var (reason, message))
        {
            return Flow.Fail(Failed(reason, message));
        }

        return response.StatusCode is >= 200 and < 300
            ? Flow.Continue
            : Flow.Fail(Failed("ServiceBusSendFailed", $"Service Bus answered with {response.StatusCode}."));
    };

    private PolicyError Failed(string reason, string message) => Error(500, reason, message) with { PublicMessage = null };

    internal sealed record PropertiesPart : PolicyPart
    {
        [XmlChild("message-property", Summary = "One property.")]
        public IReadOnlyList<PropertyPart> Properties { get; init; } = [];
    }

    internal sealed record PropertyPart : PolicyPart
    {
        [XmlAttribute("name", Summary = "Name.")]
        public required string Property { get; init; }

        [XmlText(Summary = "Value.")]
        public Value<string> Text { get; init; } = "";

        public override void Validate(PolicyRules rules) => rules.Check(
            HeaderRules.IsName(Property) && !Reserved.Contains(Property, StringComparer.OrdinalIgnoreCase), $"'{Property}' can't be the name of a message property.");
    }
}
