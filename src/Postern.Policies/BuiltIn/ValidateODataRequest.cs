using System.Globalization;
using Postern.Policies.Language;
using Postern.Policies.OData;
using Postern.Policies.Runtime;

namespace Postern.Policies.BuiltIn;

[Policy("validate-odata-request", In.Inbound, Once = Once.PerSection, Scopes = [PolicyScope.Global, PolicyScope.Product, PolicyScope.Api],
    Summary = "Checks URL, headers and size of an OData request.")]
internal sealed record ValidateODataRequestPolicy : Policy
{
    [XmlAttribute("error-variable-name", Alias = "errors-variable-name", Summary = "Variable that gets the errors.")]
    public string? Variable { get; init; }

    [XmlAttribute("default-odata-version", Summary = "Version of a request that names none.")]
    public string DefaultVersion { get; init; } = "4.0";

    [XmlAttribute("min-odata-version", Summary = "Oldest version that is accepted.")]
    public string? MinVersion { get; init; }

    [XmlAttribute("max-odata-version", Summary = "Newest version that is accepted.")]
    public string? MaxVersion { get; init; }

    [XmlAttribute("max-size", Min = 1, Summary = "Bytes that the body may have.")]
    public int? MaxSize { get; init; }

    public override void Validate(PolicyRules rules)
    {
        foreach (var version in new[] { DefaultVersion, MinVersion, MaxVersion }.OfType<string>())
        {
            rules.Check(Version(version) is not null, $"'{version}' is not an OData version such as 4.0.");
        }
    }

    public override PolicyStep Compile(PolicyCompile compile)
    {
        var (fallback, least, most) = (Version(DefaultVersion)!.Value, MinVersion is null ? null : Version(MinVersion), MaxVersion is null ? null : Version(MaxVersion));
        return async context =>
        {
            var errors = new ValidationErrors(this, Variable, compile);
            var request = context.Request;
            var written = request.Headers["OData-Version"].ToString();
            var version = written.Length == 0 ? fallback : Version(written);
            if (version is null || version < least || version > most)
            {
                Add(errors, "OData-Version", "Version", $"The OData version '{(written.Length == 0 ? DefaultVersion : Tokens.TokenRefusal.Shown(written))}' is not accepted.");
            }
            else if (request.Headers["OData-MaxVersion"].ToString() is { Length: > 0 } newest && Version(newest) is null)
            {
                Add(errors, "OData-MaxVersion", "Version", $"'{Tokens.TokenRefusal.Shown(newest)}' is not an OData version.");
            }
            else if (ODataUrlRules.Check(request.OriginalUrl.Path, request.OriginalUrl.Query) is var (name, details))
            {
                Add(errors, Tokens.TokenRefusal.Shown(name), "Url", Tokens.TokenRefusal.Shown(details));
            }
            else if (MaxSize is { } limit && await SizeAsync(context, limit) is var size && size > limit)
            {
                Add(errors, "", "SizeLimit", $"Request's body is {size} bytes long and it exceeds the limit of {limit} bytes.");
            }

            return errors.Outcome(context);
        };
    }

    private static void Add(ValidationErrors errors, string name, string rule, string details) =>
        errors.Add(ValidationAction.Prevent, new(name, "ODataRequest", rule, details, ""), isPublic: true);

    /// <summary>A length that is told need not be measured.</summary>
    private static async ValueTask<long> SizeAsync(PolicyContext context, int limit)
    {
        if (context.Request.Headers.ContentLength is { } told && told > limit)
        {
            return told;
        }

        await context.Request.Body.BufferAsync(context.Aborted);
        return context.Request.Body.State == MessageBodyState.Buffered ? context.Request.Body.Bytes.Length : 0;
    }

    private static decimal? Version(string text) =>
        decimal.TryParse(text.Trim(), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var version) && version is >= 1 and < 10 ? version : null;
}
