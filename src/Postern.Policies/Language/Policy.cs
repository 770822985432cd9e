using Postern.Policies.Runtime;

namespace Postern.Policies.Language;

/// <summary>
/// A policy statement: the record is the element. Properties carry the XML syntax, <see cref="Validate"/> the rules between
/// them, <see cref="Compile"/> what it does at run time.
/// </summary>
internal abstract record Policy
{
    /// <summary>The <c>id</c> attribute that every policy takes; it becomes <c>context.LastError.PolicyId</c>.</summary>
    public string? Id { get; set; }

    /// <summary>The element's name; what <c>LastError.Source</c> says.</summary>
    public string Name { get; set; } = "";

    /// <summary>Such as <c>choose[1]\when[2]\set-header[1]</c>.</summary>
    public string Path { get; set; } = "";

    /// <summary>Expressions of this statement, those of child policies left out.</summary>
    public List<ExpressionSource> Expressions { get; } = [];

    /// <summary>Checks rules that attributes alone can't express.</summary>
    public virtual void Validate(PolicyRules rules)
    {
    }

    /// <summary>Makes the delegate that runs per request. Whatever can be worked out from constants is worked out here.</summary>
    public abstract PolicyStep Compile(PolicyCompile compile);

    /// <summary>An error of this policy; the runner adds where it happened.</summary>
    protected PolicyError Error(int status, string reason, string message, string? publicMessage = null) =>
        new() { Source = Name, Reason = reason, Message = message, StatusCode = status, PublicMessage = publicMessage ?? message };
}

/// <summary>A child element that is data, not a policy: <c>when</c>, <c>address-range</c>.</summary>
internal abstract record PolicyPart
{
    public virtual void Validate(PolicyRules rules)
    {
    }
}

/// <summary>Where <see cref="Policy.Validate"/> puts what it finds.</summary>
internal sealed class PolicyRules(Action<string> broken)
{
    public void Broken(string message) => broken(message);

    public void Check(bool holds, string message)
    {
        if (!holds)
        {
            broken(message);
        }
    }
}

/// <summary>Takes part in building a message: in its own section's message, in return-response or in send-request.</summary>
internal interface IMessagePolicy
{
    MessageEdit CompileEdit(PolicyCompile compile);
}

/// <summary>Changes <paramref name="message"/>, which is one of the context's own or one under construction.</summary>
internal delegate ValueTask<Flow> MessageEdit(PolicyContext context, PolicyMessage message);
