using System.Globalization;
using Postern.Policies.Language;
using Postern.Policies.Runtime;

namespace Postern.Policies.BuiltIn;

[Policy("validate-status-code", In.Outbound | In.OnError, Once = Once.PerSection, Summary = "Checks the response's status against the operation's definition.")]
internal sealed record ValidateStatusCodePolicy : Policy
{
    [XmlAttribute("unspecified-status-code-action", Summary = "What happens to a status that the definition does not have.")]
    public required Value<ValidationAction> Unspecified { get; init; }

    [XmlAttribute("errors-variable-name", Alias = "error-variable-name", Summary = "Variable that gets the errors.")]
    public string? Variable { get; init; }

    [XmlChild("status-code", Summary = "An action of its own for one status.")]
    public IReadOnlyList<StatusCode> Codes { get; init; } = [];

    public override PolicyStep Compile(PolicyCompile compile) => context =>
    {
        var errors = new ValidationErrors(this, Variable, compile);
        var status = context.Response.StatusCode;
        var action = Codes.FirstOrDefault(code => code.Code == status) is { } listed ? listed.Action.Get(context) : Unspecified.Get(context);
        if (context.Services.Describe(context) is not { } description)
        {
            errors.Add(action, new("", "ApiSchema", "", "API's schema does not exist or it could not be resolved.", ""), isPublic: false);
        }
        else if (description.Responses.All(response => response.StatusCode != status && response.StatusCode != 0))
        {
            var text = status.ToString(CultureInfo.InvariantCulture);
            errors.Add(action, new(text, "StatusCode", "Unspecified", $"Response status code {text} is not allowed.", ""), isPublic: false);
        }

        return new(errors.Outcome(context));
    };

    internal sealed record StatusCode : PolicyPart
    {
        [XmlAttribute("code", Min = 100, Max = 999)]
        public required int Code { get; init; }

        [XmlAttribute("action")]
        public required Value<ValidationAction> Action { get; init; }
    }
}
