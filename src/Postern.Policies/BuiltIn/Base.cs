using Postern.Policies.Language;
using Postern.Policies.Runtime;

namespace Postern.Policies.BuiltIn;

/// <summary>Stands for the same section of the outer scope; composition replaces it.</summary>
[Policy("base", In.Everywhere, Summary = "Runs the policies of the enclosing scope's section at this place.")]
internal sealed record BasePolicy : Policy
{
    public override PolicyStep Compile(PolicyCompile compile) => static _ => default;
}
