using System.Globalization;
using System.Text;
using Postern.Policies.Language;
using Postern.Policies.Runtime;

namespace Postern.Policies.BuiltIn;

[Policy("mock-response", In.Inbound | In.Outbound | In.OnError, Summary = "Ends the pipeline with an example response of the operation's definition.")]
internal sealed record MockResponsePolicy : Policy
{
    [XmlAttribute("status-code", Min = 100, Max = 999, Summary = "Response of the definition to take.")]
    public int StatusCode { get; init; } = 200;

    [XmlAttribute("content-type", Summary = "Its representation; the first when left out.")]
    public string? ContentType { get; init; }

    [XmlAttribute("index", Min = 0, Summary = "Which representation, from 0; wins over content-type.")]
    public int? Index { get; init; }

    public override PolicyStep Compile(PolicyCompile compile) => context =>
    {
        var representations = context.Services.Describe(context)?.Responses.FirstOrDefault(item => item.StatusCode == StatusCode)?.Representations ?? [];
        var chosen = Index < representations.Count ? representations[Index.Value]
            : ContentType is null ? representations.FirstOrDefault()
            : representations.FirstOrDefault(item => item.ContentType.Equals(ContentType, StringComparison.OrdinalIgnoreCase));
        var response = context.Response;
        response.Headers.Clear();
        response.StatusCode = StatusCode;
        response.Reason = null;
        response.Exists = true;
        var body = Encoding.UTF8.GetBytes(chosen?.Example ?? "");
        if (chosen is not null)
        {
            response.Headers.ContentType = chosen.ContentType;
        }

        response.Headers["Content-Length"] = body.Length.ToString(CultureInfo.InvariantCulture);
        response.Body.SetBytes(body);
        return new(Flow.Respond);
    };
}
