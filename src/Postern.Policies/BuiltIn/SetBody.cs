using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;
using Postern.Policies.Language;
using Postern.Policies.Liquid;
using Postern.Policies.Runtime;

namespace Postern.Policies.BuiltIn;

[Policy("set-body", In.Everywhere, Summary = "Replaces the body of the request or response.")]
internal sealed record SetBodyPolicy : Policy, IMessagePolicy
{
    private LiquidTemplate? _template;

    [XmlAttribute("template", Summary = "liquid: the text is a Liquid template.")]
    public BodyTemplate Template { get; init; }

    [XmlAttribute("xsi-nil", Summary = "How a Liquid template over XML sees elements with xsi:nil.")]
    public XsiNil XsiNil { get; init; }

    [XmlAttribute("parse-date", Summary = "Whether a Liquid template over JSON sees dates as dates.")]
    public bool ParseDate { get; init; } = true;

    [XmlText(Verbatim = true, Summary = "The body: text, XML or an expression.")]
    public Value<object> Content { get; init; } = new("");

    public override void Validate(PolicyRules rules)
    {
        if (Template != BodyTemplate.Liquid)
        {
            return;
        }

        rules.Check(Content.IsConstant, "With template=\"liquid\" the text is a template, not an expression.");
        try
        {
            _template = Content.IsConstant ? LiquidTemplate.Parse(ValueConversion.ToText(Content.Constant)) : null;
        }
        catch (LiquidException problem)
        {
            rules.Broken($"The Liquid template is not valid: {problem.Message}");
        }
    }

    public override PolicyStep Compile(PolicyCompile compile) => compile.OnOwnMessage(CompileEdit(compile));

    public MessageEdit CompileEdit(PolicyCompile compile)
    {
        if (_template is { } template)
        {
            return (context, message) => RenderAsync(template, context, message);
        }

        var constant = Content.IsConstant ? ToBytes(Content.Constant) : null;
        return (context, message) =>
        {
            Replace(message, constant ?? ToBytes(Content.Get(context)));
            if (ReferenceEquals(message, context.Response))
            {
                context.Response.Exists = true;
            }

            return default;
        };
    }

    private async ValueTask<Flow> RenderAsync(LiquidTemplate template, PolicyContext context, PolicyMessage message)
    {
        // A message that is being built has no body for the template to look at.
        var own = ReferenceEquals(message, context.Request) || ReferenceEquals(message, context.Response);
        try
        {
            await message.Body.BufferAsync(context.Aborted);
            var roots = LiquidContext.For(context, own ? message : null, ParseDate, XsiNil == XsiNil.Null);
            Replace(message, Encoding.UTF8.GetBytes(template.Render(roots)));
            context.Response.Exists |= ReferenceEquals(message, context.Response);
            return Flow.Continue;
        }
        catch (Exception problem) when (problem is LiquidException or InvalidOperationException or InsufficientExecutionStackException)
        {
            return Flow.Fail(Error(500, "TemplateFailed", problem.Message) with { PublicMessage = null });
        }
    }

    /// <summary>How the old body was compressed goes with it. A message that is being built may say so of its first one.</summary>
    private static void Replace(PolicyMessage message, byte[] body)
    {
        if (message.Body.State != MessageBodyState.None)
        {
            message.Headers.Remove(HeaderNames.ContentEncoding);
        }

        message.Body.SetBytes(body);
        UseUtf8(message.Headers);
    }

    internal static byte[] ToBytes(object? content) => content as byte[] ?? Encoding.UTF8.GetBytes(ValueConversion.ToText(content));

    /// <summary>The new body is UTF-8 whatever the old one was; its length is the sender's business.</summary>
    internal static void UseUtf8(IHeaderDictionary headers)
    {
        headers.Remove(HeaderNames.ContentLength);
        var type = headers.ContentType.ToString();
        if (type.Contains("charset", StringComparison.OrdinalIgnoreCase)
            && MediaTypeHeaderValue.TryParse(type, out var media)
            && !media.Charset.Equals("utf-8", StringComparison.OrdinalIgnoreCase))
        {
            media.Charset = "utf-8";
            headers.ContentType = media.ToString();
        }
    }
}

internal enum BodyTemplate : byte
{
    None,
    Liquid,
}

internal enum XsiNil : byte
{
    Blank,
    Null,
}
