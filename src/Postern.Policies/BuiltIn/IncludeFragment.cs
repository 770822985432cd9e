using Postern.Policies.Language;
using Postern.Policies.Runtime;

namespace Postern.Policies.BuiltIn;

/// <summary>Stands for the policies of a fragment; the reader replaces it, so at run time there is none.</summary>
[Policy("include-fragment", In.Everywhere, Summary = "Puts the policies of a policy fragment in its place.")]
internal sealed record IncludeFragmentPolicy : Policy
{
    [XmlAttribute("fragment-id", Summary = "Id of the policy fragment.")]
    public required string FragmentId { get; init; }

    public override PolicyStep Compile(PolicyCompile compile) => static _ => default;
}
