using System.Collections.Concurrent;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using Postern.Policies.Expressions;
using Postern.Policies.Language;
using Postern.Policies.Runtime;
using Postern.Policies.Schemas;

namespace Postern.Policies.BuiltIn;

[Policy("mock-response", In.Inbound | In.Outbound | In.OnError, Summary = "Ends the pipeline with an example of the operation's definition, or one made from its schema.")]
internal sealed record MockResponsePolicy : Policy
{
    [XmlAttribute("status-code", Min = 100, Max = 999, Summary = "Response of the definition to take.")]
    public int StatusCode { get; init; } = 200;

    [XmlAttribute("content-type", Summary = "Its representation, and the Content-Type of the response; the first when left out.")]
    public string? ContentType { get; init; }

    [XmlAttribute("index", Min = 0, Summary = "Which representation, from 0; wins over content-type.")]
    public int? Index { get; init; }

    /// <summary>Made once, as long as the schema lives.</summary>
    private readonly ConditionalWeakTable<SchemaDocument, ConcurrentDictionary<SchemaReference, string?>> _samples = [];

    public override PolicyStep Compile(PolicyCompile compile) => context =>
    {
        var representations = context.Services.Describe(context)?.Responses.FirstOrDefault(item => item.StatusCode == StatusCode)?.Representations ?? [];
        var chosen = Index < representations.Count ? representations[Index.Value]
            : ContentType is null ? representations.FirstOrDefault()
            : representations.FirstOrDefault(item => MessageText.HasSameMediaType(item.ContentType, ContentType));
        var response = context.Response;
        response.Headers.Clear();
        response.StatusCode = StatusCode;
        response.Reason = null;
        response.Exists = true;
        var body = Encoding.UTF8.GetBytes(chosen is null ? "" : chosen.Example ?? Sample(context, chosen) ?? "");
        if ((chosen?.ContentType ?? ContentType) is { } type)
        {
            response.Headers.ContentType = type;
        }

        response.Headers["Content-Length"] = body.Length.ToString(CultureInfo.InvariantCulture);
        response.Body.SetBytes(body);
        return new(Flow.Respond);
    };

    /// <summary>A definition without an example may have a schema to make one of, for JSON.</summary>
    private string? Sample(PolicyContext context, RepresentationDescription representation)
    {
        if (!MessageText.HasMediaType(representation.ContentType, "json", "+json") || representation.Schema is not { } reference
            || context.Services.FindSchema(context, reference.SchemaId) is not { } schema)
        {
            return null;
        }

        var made = _samples.GetOrCreateValue(schema);
        return made.TryGetValue(reference, out var sample) ? sample : made.GetOrAdd(reference, JsonSample.Of(schema.Text, reference.Pointer));
    }
}
