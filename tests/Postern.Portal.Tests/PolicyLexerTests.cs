using Postern.Portal.Policies;

namespace Postern.Portal.Tests;

public sealed class PolicyLexerTests
{
    [Theory]
    [InlineData("""<a b="@("<c d=\"e\">")" f='1' />""", "Element:<a Attribute:b Expression:\"@(\"<c d=\\\"e\\\">\")\" Attribute:f Value:'1' Element:/>")]
    [InlineData("""<v>@{ var s = ")}"; /* } */ return s; }</v>""", "Element:<v> Expression:@{ var s = \")}\"; /* } */ return s; } Element:</v>")]
    [InlineData("""<v>@(@"\" + ')' + "")</v>""", "Element:<v> Expression:@(@\"\\\" + ')' + \"\") Element:</v>")]
    [InlineData("<!-- <a> --><a/>", "Comment:<!-- <a> --> Element:<a Element:/>")]
    [InlineData("<a><![CDATA[<b>]]></a>", "Element:<a> Value:<![CDATA[<b>]]> Element:</a>")]
    [InlineData("<a>me@example.org</a>", "Element:<a> Text:me@example.org Element:</a>")]
    public void Pieces_are_what_they_look_like(string document, string expected)
    {
        var pieces = PolicyLexer.Lines(document).SelectMany(line => line)
            .Where(token => token.Kind != PolicyTokenKind.Text || token.Text.Any(char.IsLetter)).Select(token => $"{token.Kind}:{token.Text}");

        Assert.Equal(expected, string.Join(' ', pieces));
    }

    [Fact]
    public void No_text_is_lost_or_hangs_however_broken_it_is()
    {
        const string Letters = "<>/@(){}\"'=-! \nab\\$*";
        var random = new Random(20240501);
        for (var round = 0; round < 20_000; round++)
        {
            var document = new string([.. Enumerable.Range(0, random.Next(40)).Select(_ => Letters[random.Next(Letters.Length)])]);
            var shown = string.Join('\n', PolicyLexer.Lines(document).Select(line => string.Concat(line.Select(token => token.Text))));
            Assert.Equal(document, shown);
        }
    }
}
