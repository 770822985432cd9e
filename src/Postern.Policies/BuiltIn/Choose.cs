using Postern.Policies.Language;
using Postern.Policies.Runtime;

namespace Postern.Policies.BuiltIn;

[Policy("choose", In.Everywhere, Summary = "Runs the first branch whose condition holds.")]
internal sealed record ChoosePolicy : Policy, ILight
{
    [XmlChild("when", Summary = "A branch; conditions are evaluated in order.")]
    public required IReadOnlyList<When> Branches { get; init; }

    [XmlChild("otherwise", Summary = "Runs when no condition holds.")]
    public Otherwise? Else { get; init; }

    public override PolicyStep Compile(PolicyCompile compile)
    {
        var conditions = Branches.Select(branch => branch.Condition).ToArray();
        var bodies = Branches.Select(branch => compile.Steps(branch.Policies)).ToArray();
        var otherwise = Else is null ? null : compile.Steps(Else.Policies);
        return context =>
        {
            for (var i = 0; i < conditions.Length; i++)
            {
                if (conditions[i].Get(context))
                {
                    return bodies[i].RunAsync(context);
                }
            }

            return otherwise?.RunAsync(context) ?? default;
        };
    }

    internal sealed record When : PolicyPart
    {
        [XmlAttribute("condition", Summary = "true, false or an expression.")]
        public required Value<bool> Condition { get; init; }

        [ChildPolicies]
        public IReadOnlyList<Policy> Policies { get; init; } = [];
    }

    internal sealed record Otherwise : PolicyPart
    {
        [ChildPolicies]
        public IReadOnlyList<Policy> Policies { get; init; } = [];
    }
}
