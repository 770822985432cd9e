using Postern.Policies;

namespace Postern.Bench.Subjects;

/// <summary>A document of the usual size, without expressions, from text to checked policies.</summary>
internal sealed class PolicyReading : Subject, IPolicyReferences
{
    private static readonly PolicySource Source = new(PolicyScope.Api, "apis/bench", PolicyFormat.RawXml, """
        <policies>
            <inbound>
                <base />
                <rate-limit calls="100" renewal-period="60" remaining-calls-header-name="X-Remaining" />
                <set-header name="X-Gateway" exists-action="override"><value>bench</value></set-header>
                <set-query-parameter name="api-version" exists-action="skip"><value>1</value></set-query-parameter>
                <set-variable name="plan" value="gold" />
                <rewrite-uri template="/v2/orders" copy-unmatched-params="false" />
                <set-backend-service base-url="https://backend.example/api" />
            </inbound>
            <backend><forward-request timeout="20" /></backend>
            <outbound>
                <base />
                <set-header name="X-Served-By" exists-action="override"><value>bench</value></set-header>
                <set-header name="X-Powered-By" exists-action="delete" />
            </outbound>
            <on-error><base /></on-error>
        </policies>
        """);

    public override string Name => "reader: a document of nine policies";

    public override void Run()
    {
        if (PolicyReader.Validate(Source, this) is [var problem, ..])
        {
            throw new InvalidOperationException(problem.ToString());
        }
    }

    public string? FindNamedValue(string name) => null;

    public PolicySource? FindFragment(string id) => null;
}
