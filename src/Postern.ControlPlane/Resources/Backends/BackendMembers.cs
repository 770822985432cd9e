namespace Postern.ControlPlane.Resources.Backends;

/// <summary>What a backend's <c>properties</c> may hold.</summary>
internal static class BackendMembers
{
    /// <summary>Backends of one pool, as documented.</summary>
    public const int MostPoolMembers = 30;

    private const string Thumbprint = "^([0-9A-Fa-f]{40}|[0-9A-Fa-f]{64})$";

    public static Member[] Declared { get; } =
    [
        Member.Text("url", 1, 2000),
        Member.OneOf("protocol", "http", "soap"),
        Member.OneOf("type", "Single", "Pool"),
        Member.Text("title", 1, 300),
        Member.Text("description", 1, 2000),
        Member.Text("resourceId", 1, 2000),
        Member.Text("azureRegion"),
        Member.Object(
            "credentials",
            Member.List("certificateIds", Member.Text("id"), 0, 32),
            Member.List("certificate", Member.Text("thumbprint"), 0, 32),
            Member.Map("query", Member.List("values", Member.Text("value").Sealed())),
            Member.Map("header", Member.List("values", Member.Text("value").Sealed())),
            Member.Object("authorization", Member.Text("scheme", 1, 100).Required(), Member.Text("parameter", 1, 300).Required().Sealed())),
        Member.Object("proxy", Member.Text("url", 1, 2000).Required(), Member.Text("username"), Member.Text("password").Sealed()),
        Member.Object(
            "tls",
            Member.Flag("validateCertificateChain"),
            Member.Flag("validateCertificateName"),
            Member.List("serverCertificateThumbprints", Member.Text("thumbprint").Matching(Thumbprint)),
            Member.List("serverX509Names", Member.Object(
                "name", Member.Text("name", 1).Required(), Member.Text("issuerCertificateThumbprint").Matching(Thumbprint)))),
        Member.Object("circuitBreaker", Member.List("rules", Rule(), 0, 15)),
        Member.Object(
            "pool",
            Member.List(
                "services",
                Member.Object("service", Member.Text("id", 1).Required(), Member.Number("weight", 0, 100), Member.Number("priority", 0, 100)), 1, MostPoolMembers),
            FailureResponse(),
            Member.Object("sessionAffinity", Member.Object("sessionId", Member.OneOf("source", "Cookie"), Member.Text("name", 1, 256)))),
    ];

    private static Member Rule() => Member.Object(
        "rule",
        Member.Text("name"),
        Member.Text("tripDuration"),
        Member.Flag("acceptRetryAfter"),
        FailureResponse(),
        Member.Object(
            "failureCondition",
            Member.Number("count", 1, 1_000_000),
            Member.Number("percentage", 0, 100),
            Member.Text("interval"),
            Member.List("errorReasons", Member.Text("reason", 0, 200), 0, 10),
            Member.List("statusCodeRanges", Member.Object("range", Member.Number("min", 200, 599).Required(), Member.Number("max", 200, 599).Required()), 0, 10)));

    private static Member FailureResponse() => Member.Object("failureResponse", Member.Number("statusCode", 200, 599));
}
