using Microsoft.AspNetCore.Http;
using Postern.Policies.Expressions;
using Postern.Policies.Language;
using Postern.Policies.Liquid;
using Postern.Policies.Runtime;

namespace Postern.Policies.BuiltIn;

/// <summary>What the policies that call the Dapr sidecar have in common.</summary>
internal abstract record DaprPolicy : Policy
{
    private LiquidTemplate? _template;

    [XmlAttribute("template", Summary = "liquid: the content is a Liquid template.")]
    public BodyTemplate Template { get; init; }

    [XmlAttribute("ignore-error", Summary = "Go on after a failure.")]
    public bool IgnoreError { get; init; }

    [XmlAttribute("response-variable-name", Summary = "Variable that gets the sidecar's response, that of a failure too.")]
    public string? Variable { get; init; }

    [XmlAttribute("timeout", Min = 1, Max = 240, Summary = "Seconds until the call fails.")]
    public Value<int> Timeout { get; init; } = 5;

    [XmlAttribute("content-type", Summary = "Content type of the message; else application/json when it is JSON, and text/plain when not.")]
    public DaprContentType? ContentType { get; init; }

    /// <summary>The part that a template may stand for.</summary>
    protected abstract Value<string>? Content { get; }

    public override void Validate(PolicyRules rules)
    {
        if (Template != BodyTemplate.Liquid || Content is null)
        {
            return;
        }

        rules.Check(Content.IsConstant, "With template=\"liquid\" the content is a template, not an expression.");
        try
        {
            _template = Content.IsConstant ? LiquidTemplate.Parse(Content.Constant) : null;
        }
        catch (LiquidException problem)
        {
            rules.Broken($"The Liquid template is not valid: {problem.Message}");
        }
    }

    protected async ValueTask<string?> ContentAsync(PolicyContext context, PolicyCompile compile)
    {
        if (_template is null)
        {
            return Content?.Get(context);
        }

        var message = compile.Message(context);
        await message.Body.BufferAsync(context.Aborted);
        return _template.Render(LiquidContext.For(context, message, parseDate: true, nilIsNull: false));
    }

    protected async ValueTask<Flow> CallAsync(PolicyContext context, string path, PolicyRequest request)
    {
        var response = new PolicyResponse { Headers = new HeaderDictionary(), Exists = true };
        var address = new Uri(context.Services.DaprSidecar, path);
        var failure = await ServiceCall.SendAsync(context, address, request, response, TimerSpan.FromSeconds(Timeout.Get(context)));
        if (Variable is not null)
        {
            context.Variables.Set(Variable, failure is null ? new ResponseView(response) : null);
        }

        if (failure is null && response.StatusCode is not (>= 200 and < 300))
        {
            failure = ("DaprCallFailed", $"The Dapr sidecar answered with {response.StatusCode}.");
        }

        if (failure is not var (reason, message))
        {
            return Flow.Continue;
        }

        if (IgnoreError)
        {
            context.Services.Trace(context, Name, message);
            return Flow.Continue;
        }

        return Flow.Fail(Error(500, reason, message) with { PublicMessage = null });
    }

    internal enum DaprContentType : byte
    {
        [Written("application/json")]
        Json,
    }
}
