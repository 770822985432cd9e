using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Primitives;
using Postern.Policies.Language;
using Postern.Policies.Runtime;

namespace Postern.Policies.BuiltIn;

[Policy("validate-parameters", In.Inbound, Once = Once.PerSection, Summary = "Checks headers, query and path of the request against the operation's definition.")]
internal sealed record ValidateParametersPolicy : Policy
{
    [XmlAttribute("specified-parameter-action", Summary = "What happens to parameters of the definition that do not fit.")]
    public required Value<ValidationAction> Specified { get; init; }

    [XmlAttribute("unspecified-parameter-action", Summary = "What happens to parameters that the definition does not have.")]
    public required Value<ValidationAction> Unspecified { get; init; }

    [XmlAttribute("errors-variable-name", Alias = "error-variable-name", Summary = "Variable that gets the errors.")]
    public string? Variable { get; init; }

    [XmlChild("headers", Summary = "Actions of their own for headers.")]
    public ParameterGroup? Headers { get; init; }

    [XmlChild("query", Summary = "Actions of their own for query parameters.")]
    public ParameterGroup? Query { get; init; }

    [XmlChild("path", Summary = "Actions of their own for path parameters.")]
    public ParameterGroup? PathParameters { get; init; }

    public override PolicyStep Compile(PolicyCompile compile) => context =>
    {
        var errors = new ValidationErrors(this, Variable, compile);
        if (context.Services.Describe(context) is not { } description)
        {
            errors.Add(Specified.Get(context), new("", "ApiSchema", "", "API's schema doesn't exist or it couldn't be resolved.", ""), isPublic: false);
            return new(errors.Outcome(context));
        }

        Check(context, errors, description, "path", "path parameter", "PathParameter", PathParameters,
            context.Request.MatchedParameters.Where(pair => description.Parameters.Any(item => item.In == "path" && item.Name == pair.Key))
                .Select(pair => new KeyValuePair<string, StringValues>(pair.Key, pair.Value)), StringComparison.Ordinal);
        Check(context, errors, description, "query", "query parameter", "QueryParameter", Query, QueryOf(context), StringComparison.OrdinalIgnoreCase);
        Check(context, errors, description, "header", "header", "RequestHeader", Headers, context.Request.Headers, StringComparison.OrdinalIgnoreCase);
        return new(errors.Outcome(context));
    };

    private static IEnumerable<KeyValuePair<string, StringValues>> QueryOf(PolicyContext context)
    {
        if (context.Request.OriginalUrl.Query is not { Length: > 1 } query)
        {
            return [];
        }

        var values = new Dictionary<string, StringValues>(StringComparer.OrdinalIgnoreCase);
        foreach (var pair in new QueryStringEnumerable(query))
        {
            var name = pair.DecodeName().ToString();
            values[name] = StringValues.Concat(values.GetValueOrDefault(name), pair.DecodeValue().ToString());
        }

        return values;
    }

    private void Check(
        PolicyContext context, ValidationErrors errors, OperationDescription description, string place, string kind, string type,
        ParameterGroup? group, IEnumerable<KeyValuePair<string, StringValues>> actual, StringComparison names)
    {
        var seen = new HashSet<string>(names == StringComparison.Ordinal ? StringComparer.Ordinal : StringComparer.OrdinalIgnoreCase);
        foreach (var (name, values) in actual)
        {
            if (errors.Prevents)
            {
                return;
            }

            seen.Add(name);
            var own = Own(group, name, names)?.Get(context);
            if (Declared(description, place, name, names) is not { } declared)
            {
                // Most headers are not in a definition: those that may stay get no text.
                if ((own ?? group?.Unspecified?.Get(context) ?? Unspecified.Get(context)) is not ValidationAction.Ignore and var action)
                {
                    errors.Add(action, new(name, type, "Unspecified", $"Unspecified {kind} {name} is not allowed.", ""), isPublic: true);
                }

                continue;
            }

            var specified = own ?? group?.Specified?.Get(context) ?? Specified.Get(context);
            if (values.Count > 1 && !declared.Schema.IsArray)
            {
                errors.Add(specified, new(name, type, "IncorrectMessage", $"Request cannot contain multiple values for the {kind} {name}.", ""), isPublic: true);
            }
            else if (Problem(values, declared.Schema) is { } problem)
            {
                errors.Add(specified,
                    new(name, type, "IncorrectMessage", $"Value of the {kind} {name} does not conform to the definition. {problem}", ""),
                    isPublic: true, publicText: $"The value of the {kind} {name} does not conform to the definition. {problem}");
            }
        }

        foreach (var missing in description.Parameters)
        {
            if (errors.Prevents)
            {
                return;
            }

            if (missing.In != place || !missing.Required || seen.Contains(missing.Name))
            {
                continue;
            }

            var own = Own(group, missing.Name, names)?.Get(context);
            errors.Add(own ?? group?.Specified?.Get(context) ?? Specified.Get(context),
                new(missing.Name, type, "IncorrectMessage", $"{char.ToUpperInvariant(kind[0])}{kind[1..]} {missing.Name} is required.", ""), isPublic: true);
        }
    }

    private static Value<ValidationAction>? Own(ParameterGroup? group, string name, StringComparison names) =>
        group?.Parameters.FirstOrDefault(item => item.Key.Equals(name, names))?.Action;

    private static string? Problem(StringValues values, ValueSchema schema)
    {
        foreach (var value in values)
        {
            if (ValueSchemaRules.Check(value ?? "", schema) is { } problem)
            {
                return problem;
            }
        }

        return null;
    }

    private static ParameterDescription? Declared(OperationDescription description, string place, string name, StringComparison names)
    {
        foreach (var parameter in description.Parameters)
        {
            if (parameter.In == place && parameter.Name.Equals(name, names))
            {
                return parameter;
            }
        }

        return null;
    }

    internal sealed record ParameterGroup : PolicyPart
    {
        [XmlAttribute("specified-parameter-action")]
        public Value<ValidationAction>? Specified { get; init; }

        [XmlAttribute("unspecified-parameter-action")]
        public Value<ValidationAction>? Unspecified { get; init; }

        [XmlChild("parameter")]
        public IReadOnlyList<ParameterAction> Parameters { get; init; } = [];
    }

    internal sealed record ParameterAction : PolicyPart
    {
        [XmlAttribute("name")]
        public required string Key { get; init; }

        [XmlAttribute("action")]
        public required Value<ValidationAction> Action { get; init; }
    }
}
