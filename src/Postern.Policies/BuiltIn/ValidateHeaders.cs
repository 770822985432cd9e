using Postern.Policies.Language;
using Postern.Policies.Runtime;

namespace Postern.Policies.BuiltIn;

[Policy("validate-headers", In.Outbound | In.OnError, Once = Once.PerSection, Summary = "Checks the response's headers against the operation's definition.")]
internal sealed record ValidateHeadersPolicy : Policy
{
    [XmlAttribute("specified-header-action", Summary = "What happens to headers of the definition that do not fit.")]
    public required Value<ValidationAction> Specified { get; init; }

    [XmlAttribute("unspecified-header-action", Summary = "What happens to headers that the definition does not have.")]
    public required Value<ValidationAction> Unspecified { get; init; }

    [XmlAttribute("errors-variable-name", Alias = "error-variable-name", Summary = "Variable that gets the errors.")]
    public string? Variable { get; init; }

    [XmlChild("header", Summary = "An action of its own for one header.")]
    public IReadOnlyList<HeaderAction> Headers { get; init; } = [];

    public override PolicyStep Compile(PolicyCompile compile) => context =>
    {
        var errors = new ValidationErrors(this, Variable, compile);
        var description = context.Services.Describe(context);
        var response = description?.Responses.FirstOrDefault(item => item.StatusCode == context.Response.StatusCode)
            ?? description?.Responses.FirstOrDefault(item => item.StatusCode == 0);
        if (description is null)
        {
            errors.Add(Specified.Get(context), new("", "ApiSchema", "", "API's schema doesn't exist or it couldn't be resolved.", ""), isPublic: false);
            return new(errors.Outcome(context));
        }

        foreach (var (name, values) in context.Response.Headers)
        {
            if (errors.Prevents)
            {
                break;
            }

            var own = Headers.FirstOrDefault(item => item.Key.Equals(name, StringComparison.OrdinalIgnoreCase))?.Action.Get(context);
            var declared = response?.Headers.FirstOrDefault(item => item.Name.Equals(name, StringComparison.OrdinalIgnoreCase));
            if (declared is null)
            {
                // Most headers are not in a definition: those that may stay get no text.
                if ((own ?? Unspecified.Get(context)) is not ValidationAction.Ignore and var action)
                {
                    errors.Add(action, new(name, "ResponseHeader", "Unspecified", $"Unspecified header {name} is not allowed.", ""), isPublic: false);
                }
            }
            else if (values.Count > 1 && !declared.Schema.IsArray)
            {
                errors.Add(own ?? Specified.Get(context),
                    new(name, "ResponseHeader", "IncorrectMessage", $"Response cannot contain multiple values for the header {name}.", ""), isPublic: false);
            }
            else if (ValueSchemaRules.Check(values.ToString(), declared.Schema) is { } problem)
            {
                errors.Add(own ?? Specified.Get(context),
                    new(name, "ResponseHeader", "IncorrectMessage", $"Value of the header {name} does not conform to the definition. {problem}", ""), isPublic: false);
            }
        }

        return new(errors.Outcome(context));
    };

    internal sealed record HeaderAction : PolicyPart
    {
        [XmlAttribute("name")]
        public required string Key { get; init; }

        [XmlAttribute("action")]
        public required Value<ValidationAction> Action { get; init; }
    }
}
