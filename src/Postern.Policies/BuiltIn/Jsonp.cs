using System.Text.RegularExpressions;
using Microsoft.AspNetCore.WebUtilities;
using Postern.Policies.Language;
using Postern.Policies.Runtime;

namespace Postern.Policies.BuiltIn;

[Policy("jsonp", In.Outbound, Once = Once.PerSection, Summary = "Wraps a JSON response in a call when the caller names a function.")]
internal sealed partial record JsonpPolicy : Policy
{
    [XmlAttribute("callback-parameter-name", Summary = "Query parameter that names the function.")]
    public required Value<string> Parameter { get; init; }

    public override PolicyStep Compile(PolicyCompile compile) => async context =>
    {
        var name = Parameter.Get(context);
        string? callback = null;
        foreach (var pair in new QueryStringEnumerable(context.Request.OriginalUrl.Query))
        {
            callback = pair.DecodeName().Span.Equals(name, StringComparison.Ordinal) ? pair.DecodeValue().ToString() : callback;
        }

        if (string.IsNullOrEmpty(callback))
        {
            return Flow.Continue;
        }

        if (callback.Length > 256 || !Identifier().IsMatch(callback))
        {
            return Flow.Fail(Error(400, "CallbackParameterInvalid", $"Value of callback parameter {name} is not a valid JavaScript identifier."));
        }

        if (await BodyText.ReadAsync(context.Response, context.Aborted) is not { } text)
        {
            return Flow.Continue;
        }

        BodyText.Replace(context.Response, $"{callback}({text});");
        context.Response.Headers.ContentType = "application/javascript";

        // A script of ours may not be taken for anything else.
        context.Response.Headers.XContentTypeOptions = "nosniff";
        return Flow.Continue;
    };

    [GeneratedRegex(@"^[A-Za-z_$][A-Za-z0-9_$]*(\.[A-Za-z_$][A-Za-z0-9_$]*)*\z", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Identifier();
}
