using Postern.Policies.BuiltIn;
using Postern.Policies.Language;

namespace Postern.Policies.Reading;

/// <summary>Makes policy records from elements, and says everything that is wrong with them.</summary>
/// <param name="binding">The text.</param>
/// <param name="section">Null when a fragment is read by itself: then sections don't matter.</param>
internal sealed class PolicyBinder(PolicyBinding binding, Section? section)
{
    public IReadOnlyList<Policy> BindSection(PolicyElement element)
    {
        if (element.Text is { } stray)
        {
            binding.Problem(stray.SourceOf(0), PolicyDiagnostics.UnexpectedContent, element.Name,
                $"Unexpected text '{DocumentReader.Shorten(stray.Value)}'.");
        }

        return BindPolicies(element.Children, [], topLevel: true);
    }

    public IReadOnlyList<Policy> BindPolicies(IReadOnlyList<PolicyElement> elements, IReadOnlyList<string> only, bool topLevel)
    {
        var policies = new List<Policy>();
        foreach (var element in elements)
        {
            if (element.Name == "include-fragment" && (only.Count == 0 || only.Contains(element.Name)))
            {
                var include = new IncludeFragmentPolicy { Name = element.Name, Path = binding.PathOf(element), FragmentId = null! };
                new ElementBinder(binding, this, include).Bind(element, ElementShape.Of(typeof(IncludeFragmentPolicy)), include);
                policies.AddRange(IncludedFragment.Bind(binding, section, element, include, only));
            }
            else if (BindPolicy(element, only, topLevel) is { } policy)
            {
                policies.Add(policy);
            }
        }

        return policies;
    }

    private Policy? BindPolicy(PolicyElement element, IReadOnlyList<string> only, bool topLevel)
    {
        var definition = PolicyCatalogue.Find(element.Name);
        if (definition is null)
        {
            return Unknown(element, only);
        }

        if (only.Count > 0 ? !only.Contains(element.Name) : definition.Syntax.PartOnly)
        {
            binding.Problem(element.Start, PolicyDiagnostics.UnexpectedContent, element.Name,
                only.Count > 0
                    ? $"Element '{element.Name}' is not allowed here. Allowed: {string.Join(", ", only)}."
                    : $"Element '{element.Name}' is a part of other policies and can't stand by itself.");
            return null;
        }

        CheckPlace(definition, element, topLevel);
        var policy = (Policy)Activator.CreateInstance(definition.Type)!;
        policy.Name = element.Name;
        policy.Path = binding.PathOf(element);
        new ElementBinder(binding, this, policy).Bind(element, definition.Shape, policy);
        return policy;
    }

    private UnrunnablePolicy Unknown(PolicyElement element, IReadOnlyList<string> only)
    {
        string id, message;
        if (UnsupportedPolicies.Reasons.TryGetValue(element.Name, out var reason))
        {
            (id, message) = (PolicyDiagnostics.UnsupportedPolicy, $"Policy '{element.Name}' can't run on this gateway: {reason}.");
        }
        else
        {
            var names = only.Count > 0 ? only : [.. PolicyCatalogue.All.Select(definition => definition.Syntax.Name)];
            (id, message) = (PolicyDiagnostics.UnknownPolicy, $"Unknown policy '{element.Name}'.{NearestName.Suggest(element.Name, names)}");
        }

        binding.Problem(element.Start, id, element.Name, message);
        return new UnrunnablePolicy { Name = element.Name, Path = binding.PathOf(element), Reason = message };
    }

    private void CheckPlace(PolicyDefinition definition, PolicyElement element, bool topLevel)
    {
        var syntax = definition.Syntax;
        if (definition.Type == typeof(BasePolicy) && (!topLevel || section is null || binding.Inclusion is not null))
        {
            binding.Problem(element.Start, PolicyDiagnostics.MisplacedBase, element.Name, "<base /> may only be a direct child of a section.");
        }

        if (section is { } here && !syntax.PartOnly && !syntax.Sections.Has(here))
        {
            binding.Problem(element.Start, PolicyDiagnostics.WrongSection, element.Name,
                $"Policy '{element.Name}' is not allowed in section '{here.ToName()}'.");
        }

        if (binding.Source.Scope != PolicyScope.Fragment && syntax.Scopes is { } scopes && !scopes.Contains(binding.Source.Scope))
        {
            binding.Problem(element.Start, PolicyDiagnostics.WrongScope, element.Name,
                $"Policy '{element.Name}' is not allowed at scope '{binding.Source.Scope.ScopeName()}'.");
        }

        var key = syntax.Once switch
        {
            Once.PerSection => $"{section}/{element.Name}",
            Once.PerDocument => element.Name,
            _ => null,
        };
        if (key is not null && topLevel && !binding.Seen.Add(key))
        {
            binding.Problem(element.Start, PolicyDiagnostics.UsedTwice, element.Name,
                $"Policy '{element.Name}' may be used once per {(syntax.Once == Once.PerSection ? "section" : "document")}.");
        }
    }
}
