using System.Text.Json;
using Postern.Policies.Language;
using Postern.Policies.Runtime;

namespace Postern.Policies.BuiltIn;

[Policy("invoke-dapr-binding", In.Everywhere, Summary = "Calls an output binding of the Dapr sidecar.")]
internal sealed record InvokeDaprBindingPolicy : DaprPolicy
{
    [XmlAttribute("name", Summary = "Dapr binding.")]
    public required Value<string> Binding { get; init; }

    [XmlAttribute("operation", Summary = "Operation of the binding.")]
    public string? Operation { get; init; }

    [XmlChild("metadata", Summary = "Pairs for the binding.")]
    public MetadataPart? Metadata { get; init; }

    [XmlChild("data", Summary = "Content; JSON is embedded, other text is sent as a string.")]
    public Value<string>? Data { get; init; }

    protected override Value<string>? Content => Data;

    public override PolicyStep Compile(PolicyCompile compile) => async context =>
    {
        var body = Body(context, await ContentAsync(context, compile));
        return await CallAsync(context, $"/v1.0/bindings/{Uri.EscapeDataString(Binding.Get(context))}", ServiceCall.Post("application/json", body));
    };

    private byte[] Body(PolicyContext context, string? data)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            if (data is not null)
            {
                json.WritePropertyName("data");
                if (ServiceCall.IsJson(data))
                {
                    json.WriteRawValue(data);
                }
                else
                {
                    json.WriteStringValue(data);
                }
            }

            if (Metadata is not null)
            {
                json.WriteStartObject("metadata");
                foreach (var item in Metadata.Items)
                {
                    json.WriteString(item.Key, item.Text.Get(context));
                }

                json.WriteEndObject();
            }

            if (Operation is not null)
            {
                json.WriteString("operation", Operation);
            }

            json.WriteEndObject();
        }

        return buffer.ToArray();
    }

    internal sealed record MetadataPart : PolicyPart
    {
        [XmlChild("item", Summary = "One pair.")]
        public IReadOnlyList<MetadataItem> Items { get; init; } = [];
    }

    internal sealed record MetadataItem : PolicyPart
    {
        [XmlAttribute("key", Summary = "Name.")]
        public required string Key { get; init; }

        [XmlText(Summary = "Value.")]
        public Value<string> Text { get; init; } = "";
    }
}
