using FsCheck;
using FsCheck.Fluent;

namespace Postern.Policies.Tests;

public sealed class ReaderProperties
{
    private static readonly string[] Pieces =
    [
        "<", ">", "</", "/>", "policies", "inbound", "set-header", "choose", "when", " name=\"", "\"", "'", "@(", "@{", ")", "}", "{{", "}}", "&amp;", "&#x41;", "&",
        "<!--", "-->", "<![CDATA[", "]]>", "<?", "?>", "<!DOCTYPE", "=", " ", "\n", "\r\n", "context.Request", "$\"{", "@\"", "\\", "//", "/*", "*/", "é", "\u0000",
        "\uFEFF", "😀", "<policies><inbound>", "</inbound></policies>", "<base />", "<value>", "</value>", " condition=\"@(true)\"", "<fragment>", "</fragment>",
        "<include-fragment fragment-id=\"x\" />", "<set-body template=\"liquid\">", "</set-body>", "{%", "%}",
    ];

    private static readonly Config Quick = Config.QuickThrowOnFailure.WithMaxTest(600).WithQuietOnSuccess(true);

    [Fact]
    public void Reading_never_throws_on_arbitrary_text() =>
        Check.One(Quick, Prop.ForAll(ArbMap.Default.ArbFor<string>(), text => Reads(text ?? "")));

    [Fact]
    public void Reading_never_throws_on_text_made_of_xml_and_expression_pieces() =>
        Check.One(Quick, Prop.ForAll(Gen.Elements(Pieces).ArrayOf().Select(string.Concat).ToArbitrary(), Reads));

    [Fact]
    public void Reading_never_throws_on_a_damaged_document()
    {
        const string Document = "<policies><inbound><choose><when condition=\"@(context.Request.Method == \"GET\")\"><set-header name=\"a\"><value>@{ return $\"{1 + 1}\"; }</value></set-header></when></choose></inbound></policies>";
        Check.One(Quick, Prop.ForAll(
            Gen.Choose(0, Document.Length - 1).SelectMany(at => Gen.Elements(Pieces), (at, piece) => Document[..at] + piece + Document[Math.Min(at + 3, Document.Length)..]).ToArbitrary(),
            Reads));
    }

    [Fact]
    public void An_expression_is_never_too_strange_for_the_compiler() =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(150).WithQuietOnSuccess(true), Prop.ForAll(
            Gen.Elements("x", "(", ")", "{", "}", "=>", "int ", "return ", ";", "\"a\"", "$\"", "\"", "context", ".", "[", "]", "new ", "<", ">", "?", ":", "1", "+", "await ", "from a in ", "select ", "#if x\n", "'", "@", "//\n")
                .ArrayOf().Select(string.Concat).ToArbitrary(),
            code => Reads($"<policies><inbound><set-body>@({System.Security.SecurityElement.Escape(code)})</set-body></inbound></policies>")));

    [Fact]
    public void Deep_nesting_is_a_diagnostic_not_a_crash()
    {
        Assert.Contains(Validate(string.Concat(Enumerable.Repeat("<a>", 50_000))), item => item.Id == "P102");
        Assert.NotEmpty(Validate($"<policies><inbound><set-body>@({new string('(', 60_000)}1{new string(')', 60_000)})</set-body></inbound></policies>"));
        Assert.NotEmpty(Validate($"<policies><inbound><set-body>@({string.Concat(Enumerable.Repeat("$\"{", 40_000))})</set-body></inbound></policies>"));
        Assert.NotEmpty(Validate($"<policies><inbound><set-body>@({string.Concat(Enumerable.Repeat("!", 100_000))}x)</set-body></inbound></policies>"));
    }

    [Fact]
    public void A_document_that_is_too_large_is_refused() =>
        Assert.Equal("P101", Assert.Single(Validate(new string(' ', (256 * 1024) + 1))).Id);

    private static bool Reads(string text)
    {
        foreach (var format in (PolicyFormat[])[PolicyFormat.Xml, PolicyFormat.RawXml])
        {
            foreach (var scope in (PolicyScope[])[PolicyScope.Global, PolicyScope.Operation, PolicyScope.Fragment])
            {
                foreach (var problem in PolicyReader.Validate(new(scope, "p", format, text), NoReferences.Instance))
                {
                    Assert.InRange(problem.Line, 1, int.MaxValue);
                    Assert.InRange(problem.Column, 1, int.MaxValue);
                }
            }
        }

        return true;
    }

    private static IReadOnlyList<PolicyDiagnostic> Validate(string text) =>
        PolicyReader.Validate(new(PolicyScope.Operation, "p", PolicyFormat.RawXml, text), NoReferences.Instance);
}
