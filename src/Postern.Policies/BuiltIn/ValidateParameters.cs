using Microsoft.AspNetCore.WebUtilities;
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
                .Select(pair => (pair.Key, (IReadOnlyList<string>)[pair.Value])), StringComparison.Ordinal);
        Check(context, errors, description, "query", "query parameter", "QueryParameter", Query, QueryOf(context), StringComparison.OrdinalIgnoreCase);
        Check(context, errors, description, "header", "header", "RequestHeader", Headers,
            context.Request.Headers.Select(pair => (pair.Key, (IReadOnlyList<string>)[.. pair.Value.Select(value => value ?? "")])), StringComparison.OrdinalIgnoreCase);
        return new(errors.Outcome(context));
    };

    private static IEnumerable<(string, IReadOnlyList<string>)> QueryOf(PolicyContext context)
    {
        var values = new List<(string Name, string Value)>();
        foreach (var pair in new QueryStringEnumerable(context.Request.OriginalUrl.Query))
        {
            values.Add((pair.DecodeName().ToString(), pair.DecodeValue().ToString()));
        }

        return values.GroupBy(pair => pair.Name, StringComparer.OrdinalIgnoreCase)
            .Select(group => (group.Key, (IReadOnlyList<string>)[.. group.Select(pair => pair.Value)]));
    }

    private void Check(
        PolicyContext context, ValidationErrors errors, OperationDescription description, string place, string kind, string type,
        ParameterGroup? group, IEnumerable<(string Name, IReadOnlyList<string> Values)> actual, StringComparison names)
    {
        var seen = new HashSet<string>(names == StringComparison.Ordinal ? StringComparer.Ordinal : StringComparer.OrdinalIgnoreCase);
        var title = char.ToUpperInvariant(kind[0]) + kind[1..];
        foreach (var (name, values) in actual)
        {
            if (errors.Prevents)
            {
                return;
            }

            seen.Add(name);
            var own = group?.Parameters.FirstOrDefault(item => item.Key.Equals(name, names))?.Action.Get(context);
            var declared = description.Parameters.FirstOrDefault(item => item.In == place && item.Name.Equals(name, names));
            if (declared is null)
            {
                var action = own ?? group?.Unspecified?.Get(context) ?? Unspecified.Get(context);
                errors.Add(action, new(name, type, "Unspecified", $"Unspecified {kind} {name} is not allowed.", ""), isPublic: true);
                continue;
            }

            var specified = own ?? group?.Specified?.Get(context) ?? Specified.Get(context);
            if (values.Count > 1 && !declared.Schema.IsArray)
            {
                errors.Add(specified, new(name, type, "IncorrectMessage", $"Request cannot contain multiple values for the {kind} {name}.", ""), isPublic: true);
            }
            else if (values.Select(value => ValueSchemaRules.Check(value, declared.Schema)).FirstOrDefault(found => found is not null) is { } problem)
            {
                errors.Add(specified,
                    new(name, type, "IncorrectMessage", $"Value of the {kind} {name} does not conform to the definition. {problem}", ""),
                    isPublic: true, publicText: $"The value of the {kind} {name} does not conform to the definition. {problem}");
            }
        }

        foreach (var missing in description.Parameters.Where(item => item.In == place && item.Required && !seen.Contains(item.Name)).TakeWhile(_ => !errors.Prevents))
        {
            var own = group?.Parameters.FirstOrDefault(item => item.Key.Equals(missing.Name, names))?.Action.Get(context);
            errors.Add(own ?? group?.Specified?.Get(context) ?? Specified.Get(context),
                new(missing.Name, type, "IncorrectMessage", $"{title} {missing.Name} is required.", ""), isPublic: true);
        }
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
