using Postern.Policies.Language;
using Postern.Policies.Runtime;

namespace Postern.Policies.BuiltIn;

[Policy("redirect-content-urls", In.Inbound | In.Outbound, Once = Once.PerSection,
    Summary = "Makes links to the backend in a response point to the gateway; in inbound the other way round.")]
internal sealed record RedirectContentUrlsPolicy : Policy
{
    public override PolicyStep Compile(PolicyCompile compile) => async context =>
    {
        if (context.Api is not { } api || (context.Request.Backend.Base?.ToString() ?? ServiceUrl(api)) is not { } backend)
        {
            return Flow.Continue;
        }

        var own = context.Request.OriginalUrl;
        var port = own.Port is 0 or 80 or 443 ? "" : $":{own.Port}";
        var gateway = $"{own.Scheme}://{own.Host}{port}/{api.Path}".TrimEnd('/');
        var message = compile.Message(context);
        var text = await BodyText.ReadAsync(message, context.Aborted);
        var (from, to) = compile.OnRequest ? (gateway, backend.TrimEnd('/')) : (backend.TrimEnd('/'), gateway);
        if (text?.Contains(from, StringComparison.OrdinalIgnoreCase) == true)
        {
            BodyText.Replace(message, text.Replace(from, to, StringComparison.OrdinalIgnoreCase));
        }

        return Flow.Continue;
    };

    private static string? ServiceUrl(IApi api) => api.ServiceUrl?.ToString();
}
