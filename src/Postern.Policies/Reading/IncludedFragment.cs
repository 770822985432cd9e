using Postern.Policies.Language;

namespace Postern.Policies.Reading;

/// <summary>Puts a fragment's policies where <c>include-fragment</c> stands.</summary>
internal static class IncludedFragment
{
    public static IReadOnlyList<Policy> Bind(
        PolicyBinding binding, Section? section, PolicyElement element, string parentPath, IReadOnlyList<string> only)
    {
        var id = element.Find("fragment-id")?.Value.Value.Trim();
        foreach (var attribute in element.Attributes.Where(item => item.Name is not ("fragment-id" or "id")))
        {
            binding.Problem(attribute.Start, PolicyDiagnostics.UnknownAttribute, element.Name, $"Unknown attribute '{attribute.Name}'.");
        }

        if (string.IsNullOrEmpty(id))
        {
            binding.Problem(element.Start, PolicyDiagnostics.MissingAttribute, element.Name, "Attribute 'fragment-id' is missing.");
            return [];
        }

        if (ExpressionScanner.StartsExpression(id))
        {
            binding.Problem(element.Start, PolicyDiagnostics.ExpressionNotAllowed, element.Name, "Attribute 'fragment-id' does not take an expression.");
            return [];
        }

        if (binding.Source.Scope == PolicyScope.Fragment || binding.Fragment is not null)
        {
            binding.Problem(element.Start, PolicyDiagnostics.NestedFragment, element.Name, "A fragment may not include a fragment.");
            return [];
        }

        if (binding.References.FindFragment(id) is not { } fragment)
        {
            binding.Problem(element.Start, PolicyDiagnostics.UnknownFragment, element.Name, $"There is no policy fragment '{id}'.");
            return [];
        }

        var problems = new PolicyProblems();
        var policies = Read(binding, fragment with { Scope = PolicyScope.Fragment }, id, section, element, parentPath, only, problems);
        foreach (var problem in problems.ToList())
        {
            binding.Problem(element.Start,
                problem.Id is PolicyDiagnostics.UnsupportedPolicy or PolicyDiagnostics.UnknownPolicy or PolicyDiagnostics.NestedFragment
                    ? problem.Id
                    : PolicyDiagnostics.BrokenFragment,
                element.Name, $"Policy fragment '{id}', line {problem.Line}, column {problem.Column}: {problem.Message} ({problem.Id})");
        }

        return policies;
    }

    private static IReadOnlyList<Policy> Read(
        PolicyBinding outer, PolicySource fragment, string id, Section? section, PolicyElement include, string parentPath,
        IReadOnlyList<string> only, PolicyProblems problems)
    {
        if (fragment.Text.Length > DocumentReader.MaxFragment)
        {
            problems.Add(new(PolicyDiagnostics.TooLarge, $"The fragment has more than {DocumentReader.MaxFragment} characters.", 1, 1, "fragment"));
            return [];
        }

        var text = NamedValueSubstitution.Apply(fragment.Text, outer.References, problems);
        var root = XmlScanner.Read(text, fragment.Format, problems);
        if (root is null)
        {
            return [];
        }

        if (root.Name != "fragment")
        {
            problems.Add(text, root.Start, PolicyDiagnostics.UnknownSection, root.Name, "The root element must be 'fragment'.");
            return [];
        }

        var binding = new PolicyBinding(outer.Source with { Format = fragment.Format }, text, outer.References, problems, outer.Expressions)
        {
            Fragment = (id, () => outer.Text.PlaceOf(include.Start)),
            Seen = outer.Seen,
        };
        return new PolicyBinder(binding, section).BindPolicies(root.Children, parentPath, only, topLevel: false);
    }
}
