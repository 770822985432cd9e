using Microsoft.AspNetCore.Http;
using Postern.Policies;
using Postern.Policies.Runtime;

namespace Postern.Bench.Subjects;

/// <summary>One policy of a document, compiled and run on a request as the gateway does it, without the gateway.</summary>
internal sealed class PolicyRun(string what, string inbound) : Subject
{
    private readonly PolicyContext _context = new();
    private readonly HeaderDictionary _request = new() { ["X-Plan"] = "gold" };
    private readonly HeaderDictionary _response = [];
    private readonly BenchServices _services = new();
    private IPolicyProgram _program = null!;

    public override string Name => $"policy: {what}";

    public static IEnumerable<Subject> Variants() =>
    [
        new PolicyRun("none", ""),
        new PolicyRun("set-header, literal", """<set-header name="X-Gateway" exists-action="override"><value>bench</value></set-header>"""),
        new PolicyRun("set-header, expression", """<set-header name="X-Caller" exists-action="override"><value>@(context.Subscription.Id)</value></set-header>"""),
        new PolicyRun("set-header, concatenation", """<set-header name="X-Caller" exists-action="override"><value>@(context.Request.Method + " " + context.Subscription.Id)</value></set-header>"""),
        new PolicyRun("set-variable, literal", """<set-variable name="plan" value="gold" />"""),
        new PolicyRun("set-variable, expression", """<set-variable name="plan" value="@(context.Request.Headers.GetValueOrDefault("X-Plan", ""))" />"""),
        new PolicyRun("choose", """
            <choose>
                <when condition="@(context.Request.Method == "POST")"><set-variable name="kind" value="write" /></when>
                <when condition="@(context.Subscription != null)"><set-variable name="kind" value="read" /></when>
                <otherwise><set-variable name="kind" value="none" /></otherwise>
            </choose>
            """),
        new PolicyRun("rate-limit", """<rate-limit calls="100000000" renewal-period="60" />"""),
        new PolicyRun("rewrite-uri", """<rewrite-uri template="/v2/orders" />"""),
    ];

    public override void Prepare()
    {
        var text = $"<policies><inbound>{inbound}</inbound><backend><forward-request /></backend><outbound /><on-error /></policies>";
        var compiled = new PolicyCompiler().Compile(new(PolicyScope.Api, "apis/bench", PolicyFormat.RawXml, text), new NoReferences());
        if (compiled.Diagnostics.Count > 0)
        {
            throw new InvalidOperationException($"{Name}: {compiled.Diagnostics[0]}");
        }

        _program = PolicyProgram.Compose(null, null, compiled, null);
        Run();
        if (_context.LastError is { } error)
        {
            throw new InvalidOperationException($"{Name}: {error.Message}");
        }
    }

    public override void Run()
    {
        var context = _context;
        context.Reset();
        context.Services = _services;
        context.Request.Headers = _request;
        context.Response.Headers = _response;
        context.Request.Method = "GET";
        context.Request.Backend = new(_services.Backend, null, "/orders", "");
        context.Subscription = BenchSubscription.Instance;
        var running = _program.RunAsync(context);
        if (!running.IsCompletedSuccessfully)
        {
            throw new InvalidOperationException($"{Name} waited or failed.");
        }

        running.GetAwaiter().GetResult();
    }

    private sealed class NoReferences : IPolicyReferences
    {
        public string? FindNamedValue(string name) => null;

        public PolicySource? FindFragment(string id) => null;
    }
}
