using Postern.Policies.Language;

namespace Postern.Policies.Reading;

/// <summary>From text to records: named values, XML, sections, statements. Expressions are collected, not yet compiled.</summary>
internal static class DocumentReader
{
    /// <summary>Characters, after named values were put in.</summary>
    public const int MaxDocument = 256 * 1024;

    public const int MaxFragment = 32 * 1024;

    /// <returns>Null when the text is too broken to have statements.</returns>
    public static PolicyDocument? Read(PolicySource source, IPolicyReferences references, PolicyProblems problems)
    {
        if (IsTooLarge(source, source.Text, problems))
        {
            return null;
        }

        var text = NamedValueSubstitution.Apply(source.Text, references);
        if (IsTooLarge(source, text.Text, problems))
        {
            return null;
        }

        var root = XmlScanner.Read(text, source.Format, problems);
        NamedValueSubstitution.Report(text, root, problems);
        return root is null ? null
            : source.Scope == PolicyScope.Fragment ? ReadFragment(source, text, root, references, problems)
            : ReadPolicies(source, text, root, references, problems);
    }

    private static bool IsTooLarge(PolicySource source, string text, PolicyProblems problems)
    {
        var most = source.Scope == PolicyScope.Fragment ? MaxFragment : MaxDocument;
        if (text.Length <= most)
        {
            return false;
        }

        problems.Add(new(PolicyDiagnostics.TooLarge, $"The document has {text.Length} characters; {most} are allowed.", 1, 1, ""));
        return true;
    }

    private static PolicyDocument? ReadPolicies(
        PolicySource source, SourceText text, PolicyElement root, IPolicyReferences references, PolicyProblems problems)
    {
        if (root.Name != "policies")
        {
            problems.Add(text, root.Start, PolicyDiagnostics.UnknownSection, root.Name, $"The root element must be 'policies', not '{root.Name}'.");
            return null;
        }

        var document = new PolicyDocument();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var binding = new PolicyBinding(source, text, root, references, problems, document.Expressions);
        if (root.Text is { } stray)
        {
            problems.Add(text, root.Start, PolicyDiagnostics.UnexpectedContent, root.Name, $"Unexpected text '{Shorten(stray.Value)}'.");
        }

        foreach (var element in root.Children)
        {
            var index = SectionNames.All.ToList().IndexOf(element.Name);
            if (index < 0)
            {
                problems.Add(text, element.Start, PolicyDiagnostics.UnknownSection, element.Name,
                    $"'{element.Name}' is not a section.{NearestName.Suggest(element.Name, SectionNames.All)}", element);
            }
            else if (!seen.Add(element.Name))
            {
                problems.Add(text, element.Start, PolicyDiagnostics.RepeatedSection, element.Name, $"Section '{element.Name}' occurs twice.", element);
            }
            else
            {
                document[(Section)index] = new PolicyBinder(binding, (Section)index).BindSection(element);
            }
        }

        return document;
    }

    private static PolicyDocument? ReadFragment(
        PolicySource source, SourceText text, PolicyElement root, IPolicyReferences references, PolicyProblems problems)
    {
        if (root.Name != "fragment")
        {
            problems.Add(text, root.Start, PolicyDiagnostics.UnknownSection, root.Name, $"The root element must be 'fragment', not '{root.Name}'.");
            return null;
        }

        var document = new PolicyDocument();
        var binding = new PolicyBinding(source, text, root, references, problems, document.Expressions);
        document[Section.Inbound] = new PolicyBinder(binding, null).BindSection(root);
        return document;
    }

    internal static string Shorten(string text)
    {
        text = text.Trim();
        return text.Length <= 40 ? text : text[..40] + "…";
    }
}
