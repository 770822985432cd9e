using Postern.Hosting;

namespace Postern.Authority;

/// <summary>What can be wrong with the authority itself. Refused logins carry Entra's AADSTS codes instead.</summary>
public static class AuthorityDiagnostics
{
    internal const string DataFolder = "A460";
    internal const string SealingKey = "A461";
    internal const string Throttled = "A462";
    internal const string Seed = "A463";
    internal const string Issuer = "A464";

    public static IReadOnlyList<DiagnosticEntry> All { get; } =
    [
        new(DataFolder, "The authority's directory cannot be used",
            "authority.db in the data folder can't be opened or written, is in use by another process, or is of a newer version.",
            "Stop the other process, mend the folder's owner and mode, or start the version that wrote it."),
        new(SealingKey, "The authority's key file is missing or does not fit",
            "authority.key can't be read, or the signing keys in authority.db were sealed with another one.",
            "Put the right authority.key back. Without it, delete the file: new signing keys are made and every token issued so far is void."),
        new(Throttled, "Too many failed logins",
            "A client at one address failed to log in too often within a minute; further attempts are answered 429 without being looked at.",
            "Correct the secret of that client and wait a minute. Clients whose secret was accepted before aren't held up."),
        new(Seed, "The seed contradicts the directory",
            "An id of the seed is no id, or belongs to another object or another tenant already.",
            "Give the seeded application ids of its own, or delete the other object."),
        new(Issuer, "A federated issuer cannot be read",
            "The OpenID configuration or key set of an issuer that a federated credential names can't be fetched or makes no sense.",
            "Open <issuer>/.well-known/openid-configuration from the authority's machine. It must be https with a trusted certificate, not "
            + "redirect, name exactly the registered issuer, and have an https jwks_uri that may be read without credentials."),
    ];
}
