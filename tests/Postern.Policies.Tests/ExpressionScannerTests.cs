using Postern.Policies.Reading;

namespace Postern.Policies.Tests;

public sealed class ExpressionScannerTests
{
    [Theory]
    [InlineData("""@(1)""")]
    [InlineData("""@(f(")") + ')' + '\'')""")]
    [InlineData("""@{ return "}" /* } */ + $"{g("}")}}}"; // }""" + "\n}")]
    [InlineData("""@(@"a\" + @"say ""x"" or so")""")]
    [InlineData("""@($@"{@"}"")"}" + "")""")]
    [InlineData("@(\"\"\"a \" ) \"\" b\"\"\" + \"\")")]
    [InlineData("@(\"\"\"\"a\"\"\")b\"\"\"\" + \"(\")")]
    [InlineData("@($\"\"\"{f(\"\")} )\"\"\" + 1)")]
    public void An_expression_ends_at_its_own_bracket(string expression) =>
        Assert.Equal(expression.Length, ExpressionScanner.FindEnd(expression + " ) } \" more", 0));

    [Theory]
    [InlineData("""@("a)""")]
    [InlineData("@((1)")]
    [InlineData("@(\"\"\"a)\"\")")]
    [InlineData("@{ /* }")]
    public void What_is_not_closed_has_no_end(string expression) =>
        Assert.Equal(-1, ExpressionScanner.FindEnd(expression, 0));

    [Fact]
    public void Holes_in_strings_in_holes_end_with_the_stack_not_with_the_process() =>
        Assert.Equal(-1, ExpressionScanner.FindEnd("@(" + string.Concat(Enumerable.Repeat("$\"{", 200_000)), 0));
}
