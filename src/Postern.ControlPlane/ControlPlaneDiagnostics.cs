using Postern.Hosting;

namespace Postern.ControlPlane;

/// <summary>What the control plane refuses or fails with, beside access. Ids are stable; docs/diagnostics.md is generated from this list.</summary>
public static class ControlPlaneDiagnostics
{
    internal const string KeyFile = "C301";
    internal const string MissingApiVersion = "C302";
    internal const string UnknownApiVersion = "C303";
    internal const string UnknownType = "C305";
    internal const string PreconditionFailed = "C306";
    internal const string MalformedBody = "C307";
    internal const string BodyTooLarge = "C308";
    internal const string PreconditionRequired = "C309";
    internal const string Validation = "C310";
    internal const string PrivateLink = "C311";
    internal const string UnknownFormat = "C312";
    internal const string IdentityUnavailable = "C320";
    internal const string KeyVaultNotReachable = "C321";
    internal const string Internal = "C399";

    public static IReadOnlyList<DiagnosticEntry> All { get; } =
    [
        new(KeyFile, "The key file holds no key", "The file that encrypts secrets at rest exists, but does not hold 32 bytes in base64.",
            "Put the right key file in place. With another key, stored secrets can't be read; only for an empty store may the file be removed."),
        new(MissingApiVersion, "No api-version", "A management call came without the api-version query parameter.",
            "Add one of the versions that the message lists."),
        new(UnknownApiVersion, "Unknown api-version", "A management call named a version that this server does not serve.",
            "Use one of the versions that the message lists."),
        new(UnknownType, "Unknown resource type", "The path names a resource type that this server does not have.",
            "Check the path; docs/management-api.md lists the kinds."),
        new(PreconditionFailed, "The resource has changed", "If-Match names an ETag that is no longer the resource's.",
            "Read the resource again, repeat the edit and send the new ETag."),
        new(MalformedBody, "Malformed body", "The body is not one well-formed JSON object in UTF-8.", "Correct the place that the message names."),
        new(BodyTooLarge, "Body too large", "The body exceeds 4 MiB, or 10 MiB for a call that imports a definition.",
            "Send less; import big definitions by link."),
        new(PreconditionRequired, "If-Match is missing", "PATCH changes what was read before and therefore needs to say what that was.",
            "Send the ETag that was read in If-Match, or * for any."),
        new(Validation, "Values are not valid", "Members of the body break the rules of the resource's kind; the details name each.",
            "Correct every member that the details name."),
        new(PrivateLink, "Link into a private network", "A definition or policy was to be fetched from a private, loopback or link-local address.",
            "Send the text itself, or allow private links in the control plane's options."),
        new(UnknownFormat, "Format can't be imported", "The API definition is in a format that can't be imported here.",
            "Convert it to OpenAPI, or create the API and its operations one by one."),
        new(IdentityUnavailable, "No managed identity", "The authority did not create, find or remove the service's managed identity.",
            "See the reason in the message: is the authority up, and has the control plane a credential that may write to its directory?"),
        new(KeyVaultNotReachable, "Key vaults are not reached", "A named value or certificate refers to Azure Key Vault, which this control plane does not call.",
            "Set the value itself."),
        new(Internal, "Internal error", "A management call failed for a reason that is not the caller's.",
            "Look the request id up in the control plane's log and report the entry."),
    ];
}
