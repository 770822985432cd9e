using System.Text.Json.Nodes;

namespace Postern.ControlPlane.Resources.NamedValues;

/// <summary>
/// References to Azure Key Vault are accepted and kept, so that configurations move unchanged; this control plane has no way to a vault
/// yet and says so in the status that clients look at.
/// </summary>
internal static class KeyVaultReference
{
    public static void Judge(ResourceChange change, JsonObject vault, DateTimeOffset now)
    {
        if (!Uri.TryCreate(vault.Text("secretIdentifier"), UriKind.Absolute, out var uri) || uri.Scheme != Uri.UriSchemeHttps)
        {
            change.Problem("keyVault.secretIdentifier", "'keyVault.secretIdentifier' must be the https address of a secret.");
            return;
        }

        vault["lastStatus"] = new JsonObject
        {
            ["code"] = "NotReachable",
            ["message"] = $"This control plane does not reach key vaults. Set the value itself, or keep the reference for later ({ControlPlaneDiagnostics.KeyVaultNotReachable}).",
            ["timeStampUtc"] = ArmEnvelope.Time(now),
        };
    }
}
