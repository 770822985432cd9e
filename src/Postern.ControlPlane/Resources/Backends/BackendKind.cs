using System.Text.Json.Nodes;

namespace Postern.ControlPlane.Resources.Backends;

/// <summary>Where requests go: one address, or a pool of backends. Credentials are sealed in the store and shown in answers, as the contract has it.</summary>
internal sealed class BackendKind() : ResourceKind(TypeName)
{
    public const string TypeName = "Microsoft.ApiManagement/service/backends";

    private static readonly Member[] Declared =
    [
        Member.Text("url", 1, 2000),
        Member.OneOf("protocol", "http", "soap"),
        Member.OneOf("type", "Single", "Pool"),
        Member.Text("title", 1, 300),
        Member.Text("description", 1, 2000),
        Member.Text("resourceId", 1, 2000),
        Member.Object(
            "credentials",
            Member.List("certificateIds", Member.Text("id"), 0, 32),
            Member.List("certificate", Member.Text("thumbprint"), 0, 32),
            Member.Map("query", Member.List("values", Member.Text("value").Sealed())),
            Member.Map("header", Member.List("values", Member.Text("value").Sealed())),
            Member.Object("authorization", Member.Text("scheme", 1, 100).Required(), Member.Text("parameter", 1, 300).Required().Sealed())),
        Member.Object("proxy", Member.Text("url", 1, 2000).Required(), Member.Text("username"), Member.Text("password").Sealed()),
        Member.Object("tls", Member.Flag("validateCertificateChain"), Member.Flag("validateCertificateName")),
        Member.Object("circuitBreaker", Member.List("rules", Member.Object(
            "rule",
            Member.Text("name"),
            Member.Text("tripDuration"),
            Member.Flag("acceptRetryAfter"),
            Member.Object(
                "failureCondition",
                Member.Number("count", 0),
                Member.Number("percentage", 0, 100),
                Member.Text("interval"),
                Member.List("errorReasons", Member.Text("reason", 0, 200), 0, 10),
                Member.List("statusCodeRanges", Member.Object("range", Member.Number("min", 200, 599), Member.Number("max", 200, 599)), 0, 10))), 0, 15)),
        Member.Object("pool", Member.List(
            "services", Member.Object("service", Member.Text("id", 1).Required(), Member.Number("weight", 0, 100), Member.Number("priority", 0, 100)), 1)),
    ];

    public override IReadOnlyList<Member> Members => Declared;

    public override ValueTask<ArmError?> PrepareAsync(ResourceChange change, CancellationToken cancellation)
    {
        var properties = change.Properties;
        if (string.Equals(properties.Text("type"), "Pool", StringComparison.OrdinalIgnoreCase))
        {
            if (properties["pool"] is not JsonObject pool || pool["services"] is not JsonArray { Count: > 0 })
            {
                change.Problem("pool.services", "A pool needs at least one backend in 'pool.services'.");
            }

            return default;
        }

        if (properties.Text("url") is not { } url)
        {
            change.Problem("url", "'url' must be given.");
        }
        else if (!url.Contains("{{", StringComparison.Ordinal) && !(Uri.TryCreate(url, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" or "ws" or "wss" or "fabric"))
        {
            change.Problem("url", $"'url' must be an absolute URL; '{url}' is not.");
        }

        if (properties.Text("protocol") is null)
        {
            change.Problem("protocol", "'protocol' must be given.");
        }

        return default;
    }
}
