using Postern.Policies.BuiltIn;
using Postern.Policies.Language;

namespace Postern.Policies.Reading;

/// <summary>Puts a fragment's policies where <c>include-fragment</c> stands.</summary>
internal static class IncludedFragment
{
    public static IReadOnlyList<Policy> Bind(
        PolicyBinding binding, Section? section, PolicyElement element, IncludeFragmentPolicy policy, IReadOnlyList<string> only)
    {
        if (policy.FragmentId is not { } id)
        {
            return [];
        }

        var chain = Inclusion.ChainOf(binding);
        var first = chain.ToList().FindIndex(outer => outer.Equals(id, StringComparison.OrdinalIgnoreCase));
        if (first >= 0)
        {
            binding.Problem(element.Start, PolicyDiagnostics.FragmentCircle, element.Name,
                $"The policy fragments include each other in a circle: {string.Join(" → ", chain.Skip(first).Append(id))}.");
            return [];
        }

        if (chain.Count >= Inclusion.MaxDepth)
        {
            binding.Problem(element.Start, PolicyDiagnostics.FragmentsTooDeep, element.Name,
                $"Policy fragment '{id}' stands inside {chain.Count} others; {Inclusion.MaxDepth} levels are allowed: {string.Join(" → ", chain)}.");
            return [];
        }

        if (binding.References.FindFragment(id) is not { } fragment)
        {
            binding.Problem(element.Start, PolicyDiagnostics.UnknownFragment, element.Name, $"There is no policy fragment '{id}'.");
            return [];
        }

        return Read(binding, fragment, new(id, binding, element), section, element, only);
    }

    private static IReadOnlyList<Policy> Read(
        PolicyBinding outer, PolicySource fragment, Inclusion inclusion, Section? section, PolicyElement include, IReadOnlyList<string> only)
    {
        var problems = new PolicyProblems();
        var text = new SourceText("", "", [], []);
        PolicyElement? root = null;
        if (IsSmall(fragment.Text, problems))
        {
            text = NamedValueSubstitution.Apply(fragment.Text, outer.References);
            if (IsSmall(text.Text, problems) && HasRoom(outer, text.Text.Length, include))
            {
                // The fragment's own root takes the place of the include, which is no level more.
                root = XmlScanner.Read(text, fragment.Format, problems, include.Depth - 2);
                NamedValueSubstitution.Report(text, root, problems);
            }
        }

        if (root is not null && root.Name != "fragment")
        {
            problems.Add(text, root.Start, PolicyDiagnostics.UnknownSection, root.Name, "The root element must be 'fragment'.");
            root = null;
        }

        foreach (var problem in problems.ToList())
        {
            inclusion.Problem((problem.Line, problem.Column), problem.Id, problem.Message);
        }

        if (root is null)
        {
            return [];
        }

        var binding = new PolicyBinding(outer.Source with { Format = fragment.Format }, text, root, outer.References, outer.Problems, outer.Expressions)
        {
            Inclusion = inclusion,
            Included = outer.Included,
            Seen = outer.Seen,
        };
        return new PolicyBinder(binding, section).BindPolicies(root.Children, only, topLevel: false);
    }

    private static bool IsSmall(string text, PolicyProblems problems)
    {
        if (text.Length <= DocumentReader.MaxFragment)
        {
            return true;
        }

        problems.Add(new(PolicyDiagnostics.TooLarge, $"The fragment has more than {DocumentReader.MaxFragment} characters.", 1, 1, "fragment"));
        return false;
    }

    private static bool HasRoom(PolicyBinding outer, int length, PolicyElement include)
    {
        if (outer.Included.Value > Inclusion.MaxIncluded)
        {
            return false;
        }

        outer.Included.Value += length;
        if (outer.Included.Value <= Inclusion.MaxIncluded)
        {
            return true;
        }

        outer.Problem(include.Start, PolicyDiagnostics.TooLarge, include.Name,
            $"The included policy fragments have more than {Inclusion.MaxIncluded} characters in all.");
        return false;
    }
}
