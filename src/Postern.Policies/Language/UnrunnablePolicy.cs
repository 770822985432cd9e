using Postern.Policies.Runtime;

namespace Postern.Policies.Language;

/// <summary>A policy that this gateway can't run but that is in its configuration all the same: whoever gets to it gets a 500.</summary>
internal sealed record UnrunnablePolicy : Policy
{
    public required string Reason { get; init; }

    public override PolicyStep Compile(PolicyCompile compile)
    {
        var error = new PolicyError { Source = Name, Reason = "PolicyNotSupported", Message = Reason, StatusCode = 500 };
        return context =>
        {
            context.Services.Trace(context, Name, Reason);
            return new(Flow.Fail(error));
        };
    }
}
