using Postern.Policies.Expressions;
using Postern.Policies.Language;
using Postern.Policies.Runtime;

namespace Postern.Policies.BuiltIn;

[Policy("find-and-replace", In.Everywhere, Summary = "Replaces a text in the body wherever it occurs, to the letter.")]
internal sealed record FindAndReplacePolicy : Policy
{
    [XmlAttribute("from", KeepsSpace = true, Summary = "Text to find.")]
    public required Value<string> From { get; init; }

    [XmlAttribute("to", AllowsEmpty = true, KeepsSpace = true, Summary = "Text to put there; empty removes.")]
    public required Value<string> To { get; init; }

    public override PolicyStep Compile(PolicyCompile compile) => async context =>
    {
        var message = compile.Message(context);
        var from = From.Get(context);
        var to = To.Get(context);
        var text = await BodyText.ReadAsync(message, context.Aborted);
        if (from.Length > 0 && text?.Contains(from, StringComparison.Ordinal) == true)
        {
            BodyText.Replace(message, ExpressionBudget.ReplaceText(text, from, to));
        }

        return Flow.Continue;
    };
}
