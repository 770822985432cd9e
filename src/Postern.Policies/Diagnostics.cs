namespace Postern.Policies;

/// <summary>One entry of docs/diagnostics.md.</summary>
public sealed record PolicyDiagnosticEntry(string Id, string Title, string Cause, string Cure);

/// <summary>Everything that can be wrong with a policy document. An id keeps its meaning for ever.</summary>
public static class PolicyDiagnostics
{
    internal const string MalformedXml = "P100";
    internal const string TooLarge = "P101";
    internal const string TooDeep = "P102";
    internal const string DocumentType = "P103";
    internal const string UnknownNamedValue = "P104";
    internal const string UnknownSection = "P105";
    internal const string RepeatedSection = "P106";
    internal const string UnknownPolicy = "P107";
    internal const string UnsupportedPolicy = "P108";
    internal const string UnknownAttribute = "P109";
    internal const string MissingAttribute = "P110";
    internal const string InvalidValue = "P111";
    internal const string ExpressionNotAllowed = "P112";
    internal const string UnexpectedContent = "P113";
    internal const string MissingContent = "P114";
    internal const string WrongSection = "P115";
    internal const string UnknownFragment = "P116";
    internal const string FragmentCircle = "P117";
    internal const string BrokenFragment = "P118";
    internal const string RuleBroken = "P119";
    internal const string ExpressionDoesNotCompile = "P120";
    internal const string ForbiddenMember = "P121";
    internal const string ForbiddenConstruct = "P122";
    internal const string UsedTwice = "P123";
    internal const string MisplacedBase = "P124";
    internal const string MixedExpression = "P125";
    internal const string WrongScope = "P126";
    internal const string FragmentsTooDeep = "P127";

    public static IReadOnlyList<PolicyDiagnosticEntry> All { get; } =
    [
        new(MalformedXml, "The document is not well-formed XML",
            "A tag, attribute or entity is not written as XML demands.",
            "Correct the place named. Quotes, < and & of an expression are escaped in format xml; in format rawxml they may stand as they are. Everywhere else they are escaped in both."),
        new(TooLarge, "The document is too large",
            "A policy document may have 256 KiB, a fragment 32 KiB, after named values were put in; all fragments that a document includes 1 MiB.",
            "Move parts to fragments or to other scopes."),
        new(TooDeep, "Elements are nested too deeply", "More than 64 levels of elements.", "Flatten the document."),
        new(DocumentType, "A document type definition is not allowed", "The document has a <!DOCTYPE …>.", "Remove it."),
        new(UnknownNamedValue, "A named value does not exist",
            "{{name}} refers to a named value by display name, case-sensitively, and there is none.",
            "Create the named value or correct the name."),
        new(UnknownSection, "Unknown root or section",
            "The root must be <policies> with <inbound>, <backend>, <outbound>, <on-error>; a fragment's root is <fragment>.",
            "Put the policies into one of the sections."),
        new(RepeatedSection, "A section occurs twice", "Each section may occur once.", "Merge both."),
        new(UnknownPolicy, "Unknown policy", "There is no policy of that name.", "Correct the name; the message proposes the nearest one."),
        new(UnsupportedPolicy, "The gateway can't run this policy",
            "The policy exists in the product but not on this gateway; the message has the reason.",
            "Remove it, or guard the document for another gateway."),
        new(UnknownAttribute, "Unknown attribute", "The element has no attribute of that name.", "Correct or remove it."),
        new(MissingAttribute, "A required attribute is missing", "The element can't work without it.", "Add the attribute."),
        new(InvalidValue, "A value is not valid", "The text is not of the kind, or not in the range, that this place demands.", "Correct it."),
        new(ExpressionNotAllowed, "No expression is allowed here", "This value is needed before any request exists.",
            "Write a constant or a named value."),
        new(UnexpectedContent, "Unexpected element or text", "The element does not take this content.", "Remove it."),
        new(MissingContent, "A required element or text is missing", "The element can't work without it.", "Add it."),
        new(WrongSection, "The policy is not allowed in this section", "The policy has no meaning there.", "Move it."),
        new(UnknownFragment, "A policy fragment does not exist", "include-fragment names a fragment that is not there.",
            "Create the fragment or correct its id."),
        new(FragmentCircle, "Policy fragments include each other in a circle",
            "A fragment includes itself, directly or through others; the message has the chain.", "Take one of the includes out of the chain."),
        new(BrokenFragment, "An included fragment has problems", "The fragment's own text can't be compiled in this place.",
            "Correct the fragment."),
        new(RuleBroken, "A combination is not allowed", "Attributes or children contradict each other.", "See the message."),
        new(ExpressionDoesNotCompile, "An expression does not compile", "The C# compiler refused it; the message is the compiler's.",
            "Correct the expression."),
        new(ForbiddenMember, "An expression uses a type or member that is not allowed",
            "Expressions may use the documented .NET types and the context object only.",
            "Use an allowed type; docs/policies/expressions.md lists them."),
        new(ForbiddenConstruct, "An expression uses a language construct that is not allowed",
            "Unsafe code, dynamic, await, goto, lock, typeof, attributes and preprocessor directives are refused.",
            "Write it without."),
        new(UsedTwice, "The policy may be used once only", "A second one would contradict the first.", "Remove one."),
        new(MisplacedBase, "<base /> is not allowed here", "It stands for the outer scope's section and must be a direct child of a section.",
            "Move it to the section's top level."),
        new(MixedExpression, "Text around an expression", "An expression must be the whole value.",
            "Put the text inside the expression, for example with string interpolation."),
        new(WrongScope, "The policy is not allowed at this scope", "It acts on something that this scope does not have.", "Move it."),
        new(FragmentsTooDeep, "Policy fragments are nested too deeply", "More than 16 fragments stand inside one another.",
            "Include some of them side by side."),
    ];
}
