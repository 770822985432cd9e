using Newtonsoft.Json.Linq;
using Postern.Policies.Language;
using Postern.Policies.Runtime;

namespace Postern.Policies.BuiltIn;

/// <summary>Collects what a validate policy finds, and turns what must be prevented into a refusal.</summary>
internal sealed class ValidationErrors(Policy policy, string? variable, PolicyCompile compile)
{
    private const string InternalText = "The request could not be processed due to an internal error. Contact the API owner.";

    private readonly List<(ValidationError Error, string PublicText)> _errors = [];

    /// <summary>True once something was found that ends the request: later checks need not run.</summary>
    public bool Prevents { get; private set; }

    /// <param name="isPublic">The caller may read the details; else it learns of an internal error only.</param>
    public void Add(ValidationAction action, ValidationError error, bool isPublic, string? publicText = null)
    {
        if (action != ValidationAction.Ignore)
        {
            _errors.Add((error with { Action = action == ValidationAction.Prevent ? "prevent" : "detect" }, isPublic ? publicText ?? error.Details : InternalText));
            Prevents |= action == ValidationAction.Prevent;
        }
    }

    public Flow Outcome(PolicyContext context)
    {
        if (_errors.Count == 0)
        {
            return Flow.Continue;
        }

        if (variable is not null)
        {
            context.Variables.Set(variable, new JArray(_errors.Select(item => item.Error.ToJson())));
        }

        foreach (var (error, _) in _errors)
        {
            context.Services.Trace(context, policy.Name, error.Details);
        }

        var prevented = _errors.Where(item => item.Error.Action == "prevent").ToList();
        return prevented.Count == 0 ? Flow.Continue : Flow.Fail(new PolicyError
        {
            Source = policy.Name,
            Reason = compile.OnRequest ? "Bad request" : "Response not allowed",
            Message = string.Join(" ", prevented.Select(item => item.Error.Details)),
            StatusCode = compile.OnRequest ? 400 : 502,
            PublicMessage = string.Join(" ", prevented.Select(item => item.PublicText).Distinct()),
        });
    }
}

/// <summary>As it is put into the errors variable.</summary>
internal sealed record ValidationError(string Name, string Type, string ValidationRule, string Details, string Action)
{
    public JObject ToJson() => new()
    {
        ["Name"] = Name,
        ["Type"] = Type,
        ["ValidationRule"] = ValidationRule,
        ["Details"] = Details,
        ["Action"] = Action,
    };
}

internal enum ValidationAction : byte
{
    Ignore,
    Detect,
    Prevent,
}
