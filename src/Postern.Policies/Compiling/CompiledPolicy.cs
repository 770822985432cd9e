using Postern.Policies.BuiltIn;
using Postern.Policies.Language;
using Postern.Policies.Reading;
using Postern.Policies.Runtime;

namespace Postern.Policies;

/// <summary>A document, ready to be composed with those of other scopes. Immutable; may be part of many programs.</summary>
public sealed class CompiledPolicy
{
    /// <summary>By section; null stands for <c>&lt;base /&gt;</c>.</summary>
    private readonly PlacedStep?[][] _sections;

    private CompiledPolicy(PolicySource source, IReadOnlyList<PolicyDiagnostic> diagnostics, bool isBroken, PlacedStep?[][] sections)
    {
        Source = source;
        Diagnostics = diagnostics;
        IsBroken = isBroken;
        _sections = sections;
    }

    public PolicySource Source { get; }

    public IReadOnlyList<PolicyDiagnostic> Diagnostics { get; }

    /// <summary>The document can't be run at all: every request that reaches it fails. Else only steps that can't run fail.</summary>
    public bool IsBroken { get; }

    internal PlacedStep?[] this[Section section] => _sections[(int)section];

    internal static CompiledPolicy From(PolicySource source, PolicyDocument document, IReadOnlyList<PolicyDiagnostic> diagnostics) =>
        new(source, diagnostics, false,
        [
            Compile(source, document, Section.Inbound),
            Compile(source, document, Section.Backend),
            Compile(source, document, Section.Outbound),
            Compile(source, document, Section.OnError),
        ]);

    /// <summary>Fails closed: the first thing a request meets is the reason. Outer scopes still get to handle the error.</summary>
    internal static CompiledPolicy Broken(PolicySource source, IReadOnlyList<PolicyDiagnostic> diagnostics)
    {
        var scope = source.Scope.ScopeName();
        var message = $"The policy document {source.Name} can't be run: {diagnostics[0].Message} ({diagnostics[0].Id}, line {diagnostics[0].Line})";
        var error = new PolicyError { Source = "configuration", Reason = "PolicyDocumentInvalid", Message = message, StatusCode = 500 };
        PolicyStep step = context =>
        {
            context.Services.Trace(context, "configuration", message);
            return new(Flow.Fail(error));
        };
        return new(source, diagnostics, true, [[new(step, "configuration", "", null, "inbound", scope)], [null], [null], [null]]);
    }

    private static PlacedStep?[] Compile(PolicySource source, PolicyDocument document, Section section)
    {
        var compile = new PolicyCompile(source, section);
        return [.. document[section].Select(policy => policy is BasePolicy ? null : compile.Step(policy))];
    }
}
