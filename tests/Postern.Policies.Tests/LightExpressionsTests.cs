using Postern.Policies.Expressions;
using Postern.Policies.Reading;

namespace Postern.Policies.Tests;

/// <summary>Which expressions may run on a thread that waits for sockets; in doubt, none.</summary>
public sealed class LightExpressionsTests
{
    [Theory]
    [InlineData("context.Request.Headers.GetValueOrDefault(\"X-A\", \"none\")")]
    [InlineData("context.Request.Method + \" \" + context.Subscription.Name")]
    [InlineData("context.Product == null ? \"none\" : context.Product.Name.Substring(0, 1)")]
    [InlineData("(string)context.Variables[\"a\"]")]
    [InlineData("context.Variables.GetValueOrDefault<string>(\"a\")")]
    [InlineData("context.Timestamp.AddSeconds(int.Parse(\"3\")).ToString(\"o\")")]
    [InlineData("context.Response.StatusCode >= 500 && context.Request.OriginalUrl.Path.StartsWith(\"/a\")")]
    public void What_reads_the_context_and_cuts_texts_is_light(string code) => Assert.True(Compiled(code).Light);

    [Theory]
    [InlineData("((string)context.Variables[\"a\"]).ToUpper()")]
    [InlineData("\"a\" + (string)context.Variables[\"a\"]")]
    [InlineData("context.Request.Body.As<string>(true)")]
    [InlineData("context.Request.Body.As<JObject>()[\"a\"]")]
    [InlineData("new string('x', 1000)")]
    [InlineData("Regex.Replace(context.Request.Method, \"(a+)+\", \"\")")]
    [InlineData("string.Join(\"\", context.Request.Headers.Select(h => h.Key))")]
    [InlineData("context.Request.Headers.GetValueOrDefault(\"Authorization\", \"\").AsJwt()?.Subject")]
    [InlineData("JObject.Parse(context.Request.Method)")]
    [InlineData("Convert.FromBase64String(context.Request.Method)")]
    [InlineData("context.Request.Certificate.Verify()")]
    [InlineData("System.Security.Cryptography.SHA256.Create().ComputeHash(new byte[] { 1 }).Length")]
    public void What_may_cost_more_is_not(string code) => Assert.False(Compiled(code).Light);

    [Fact]
    public void A_block_with_a_loop_is_not() => Assert.False(Compiled("{ int i = 0; while (i < 9) { i++; } return i; }").Light);

    private static Language.ExpressionSource Compiled(string code)
    {
        var text = code.StartsWith('{') ? $"@{code}" : $"@({code})";
        var escaped = text.Replace("&", "&amp;", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal).Replace(">", "&gt;", StringComparison.Ordinal);
        var problems = new PolicyProblems();
        var document = DocumentReader.Read(
            new PolicySource(PolicyScope.Api, "apis/a", PolicyFormat.Xml, $"<policies><inbound /><backend /><outbound><set-variable name=\"v\" value=\"{escaped.Replace("\"", "&quot;", StringComparison.Ordinal)}\" /></outbound><on-error /></policies>"),
            NoReferences.Instance, problems)!;
        ExpressionCompiler.Compile(document.Expressions, problems);
        Assert.DoesNotContain(problems.ToList(), problem => problem.Id == PolicyDiagnostics.ExpressionDoesNotCompile);
        return Assert.Single(document.Expressions);
    }
}
