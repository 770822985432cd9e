namespace Postern.Portal.Policies;

/// <summary>What an editor starts with where there is no document yet.</summary>
internal static class NewPolicy
{
    /// <summary>At the outermost scope nothing encloses the document: it says itself that requests are forwarded.</summary>
    public const string Global = """
        <policies>
            <inbound />
            <backend>
                <forward-request />
            </backend>
            <outbound />
            <on-error />
        </policies>
        """;

    public const string Inner = """
        <policies>
            <inbound>
                <base />
            </inbound>
            <backend>
                <base />
            </backend>
            <outbound>
                <base />
            </outbound>
            <on-error>
                <base />
            </on-error>
        </policies>
        """;
}
