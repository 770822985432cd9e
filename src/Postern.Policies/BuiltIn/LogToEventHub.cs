using System.Text;
using Postern.Policies.Events;
using Postern.Policies.Language;
using Postern.Policies.Runtime;

namespace Postern.Policies.BuiltIn;

[Policy("log-to-eventhub", In.Everywhere, Summary = "Sends a message to the event hub of a logger, beside the request.")]
internal sealed record LogToEventHubPolicy : Policy
{
    /// <summary>UTF-8 bytes; longer messages are cut.</summary>
    public const int Longest = 200 * 1024;

    [XmlAttribute("logger-id", Summary = "Logger entity.")]
    public required Value<string> LoggerId { get; init; }

    [XmlAttribute("partition-id", Summary = "Partition that gets the message.")]
    public string? PartitionId { get; init; }

    [XmlAttribute("partition-key", Summary = "Messages of the same key stay in order.")]
    public Value<string>? PartitionKey { get; init; }

    [XmlText(Summary = "The message.")]
    public required Value<string> Message { get; init; }

    public override void Validate(PolicyRules rules) =>
        rules.Check(PartitionId is null || PartitionKey is null, "The attributes 'partition-id' and 'partition-key' exclude each other.");

    public override PolicyStep Compile(PolicyCompile compile) => context =>
    {
        var id = LoggerId.Get(context);
        if (context.Services.FindEventHub(id) is not { } hub)
        {
            return new(Flow.Fail(Error(500, "LoggerNotFound", $"There is no event hub logger '{id}'.") with { PublicMessage = null }));
        }

        if (context.Services.Resources is not { Http: not null } resources)
        {
            return new(Flow.Fail(Error(500, "PolicyNotSupported", "This host sends no events.") with { PublicMessage = null }));
        }

        if (resources.Events.TakeFailure() is { } failure)
        {
            context.Services.Trace(context, Name, failure);
        }

        resources.Events.Add(new(hub, PartitionId, PartitionKey?.Get(context), Cut(Message.Get(context))), resources, context.Services.Time);
        return default;
    };

    /// <summary>At a whole character.</summary>
    internal static string Cut(string text)
    {
        if (Encoding.UTF8.GetByteCount(text) <= Longest)
        {
            return text;
        }

        var bytes = new byte[Longest];
        Encoding.UTF8.GetEncoder().Convert(text, bytes, flush: false, out var taken, out _, out _);
        return text[..taken];
    }
}
