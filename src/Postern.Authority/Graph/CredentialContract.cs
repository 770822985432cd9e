using System.Globalization;
using System.Text.Json.Nodes;
using Postern.Authority.Tenancy;

namespace Postern.Authority.Graph;

/// <summary>Credentials as Graph shows them: never the secret, save once, in the answer that makes it.</summary>
internal static class CredentialContract
{
    public static JsonArray Of(IEnumerable<ClientSecret> secrets) => new([.. secrets.Select(secret => Of(secret))]);

    public static JsonObject Of(ClientSecret secret, string? text = null) => new()
    {
        ["customKeyIdentifier"] = null,
        ["displayName"] = secret.DisplayName,
        ["endDateTime"] = Time(secret.Ends),
        ["hint"] = secret.Hint,
        ["keyId"] = secret.KeyId,
        ["secretText"] = text,
        ["startDateTime"] = Time(secret.Starts),
    };

    public static JsonArray Of(IEnumerable<ClientCertificate> certificates) => new([.. certificates.Select(Of)]);

    public static JsonObject Of(FederatedCredential trust) => new()
    {
        ["id"] = trust.Id,
        ["name"] = trust.Name,
        ["issuer"] = trust.Issuer,
        ["subject"] = trust.Subject,
        ["description"] = trust.Description,
        ["audiences"] = new JsonArray([.. trust.Audiences.Select(each => JsonValue.Create(each))]),
    };

    public static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private static JsonNode Of(ClientCertificate key) => new JsonObject
    {
        ["customKeyIdentifier"] = Convert.ToHexString(key.Sha1),
        ["displayName"] = key.DisplayName,
        ["endDateTime"] = Time(key.Ends),
        ["key"] = null,
        ["keyId"] = key.KeyId,
        ["startDateTime"] = Time(key.Starts),
        ["type"] = "AsymmetricX509Cert",
        ["usage"] = "Verify",
    };
}
