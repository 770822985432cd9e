using System.Text;
using Postern.Policies.Language;
using Postern.Policies.Runtime;

namespace Postern.Policies.BuiltIn;

[Policy("cross-domain", In.Inbound, Scopes = [PolicyScope.Global], Summary = "Answers /crossdomain.xml with the document inside.")]
internal sealed record CrossDomainPolicy : Policy
{
    [XmlChild("cross-domain-policy", Markup = true, Summary = "A document in Adobe's cross-domain policy format.")]
    public string Document { get; init; } = "<cross-domain-policy />";

    public override PolicyStep Compile(PolicyCompile compile)
    {
        var body = Encoding.UTF8.GetBytes(Document);
        return context =>
        {
            if (context.Request.Method != "GET" || !context.Request.OriginalUrl.Path.Equals("/crossdomain.xml", StringComparison.OrdinalIgnoreCase))
            {
                return default;
            }

            var response = context.Response;
            response.StatusCode = 200;
            response.Headers.Clear();
            response.Headers.ContentType = "text/x-cross-domain-policy";
            response.Body.SetBytes(body);
            response.Exists = true;
            return new(Flow.Respond);
        };
    }
}
