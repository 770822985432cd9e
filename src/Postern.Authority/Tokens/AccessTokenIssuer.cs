using System.Buffers;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Postern.Authority.Tenancy;
using Postern.Authority.Keys;

namespace Postern.Authority.Tokens;

/// <summary>How a client proved itself: the claims <c>appidacr</c> and <c>azpacr</c>.</summary>
internal enum ClientProof
{
    Secret = 1,
    Assertion = 2,
}

internal sealed record AccessToken(string Text, DateTimeOffset NotBefore, DateTimeOffset Expires, int ExpiresIn);

/// <summary>Makes RS256 access tokens with the claims of Entra's app-only tokens.</summary>
internal sealed class AccessTokenIssuer(SigningKeyRing keys, AuthorityAddress address, GraphAudience graph, TimeProvider time)
{
    /// <summary>Seconds that a token is good for, as Entra's by default.</summary>
    private const int LifetimeSeconds = 3599;

    /// <summary>Tokens are dated back by this much, as Entra's are: clocks of resources may be behind.</summary>
    private static readonly TimeSpan Backdated = TimeSpan.FromMinutes(5);

    public AccessToken Issue(ServicePrincipal principal, string audience, bool v1, ClientProof proof, DirectoryState directory)
    {
        var now = DateTimeOffset.FromUnixTimeSeconds(time.GetUtcNow().ToUnixTimeSeconds());
        var (notBefore, expires) = (now - Backdated, now.AddSeconds(LifetimeSeconds));
        var key = keys.Current;

        var payload = new ArrayBufferWriter<byte>(1024);
        using (var writer = new Utf8JsonWriter(payload))
        {
            WriteClaims(writer, principal, audience, v1, proof, directory, notBefore, expires);
        }

        var header = $$"""{"typ":"JWT","alg":"RS256","kid":"{{key.Kid}}"}""";
        var signed = $"{Base64Url.EncodeToString(Encoding.ASCII.GetBytes(header))}.{Base64Url.EncodeToString(payload.WrittenSpan)}";
        var signature = key.Sign(Encoding.ASCII.GetBytes(signed));
        return new($"{signed}.{Base64Url.EncodeToString(signature)}", notBefore, expires, LifetimeSeconds);
    }

    private void WriteClaims(
        Utf8JsonWriter writer, ServicePrincipal principal, string audience, bool v1, ClientProof proof, DirectoryState directory,
        DateTimeOffset notBefore, DateTimeOffset expires)
    {
        var issuer = v1 ? address.IssuerV1(principal.TenantId) : address.IssuerV2(principal.TenantId);
        var strength = proof == ClientProof.Secret ? "1" : "2";
        writer.WriteStartObject();
        writer.WriteString("aud", audience);
        writer.WriteString("iss", issuer);
        writer.WriteNumber("iat", notBefore.ToUnixTimeSeconds());
        writer.WriteNumber("nbf", notBefore.ToUnixTimeSeconds());
        writer.WriteNumber("exp", expires.ToUnixTimeSeconds());
        writer.WriteString("appid", principal.AppId);
        writer.WriteString("appidacr", strength);
        writer.WriteString("azp", principal.AppId);
        writer.WriteString("azpacr", strength);
        writer.WriteString("app_displayname", principal.DisplayName);
        GroupsClaim.Write(writer, principal, audience, directory, address);
        writer.WriteString("idp", issuer);
        writer.WriteString("idtyp", "app");
        writer.WriteString("oid", principal.ObjectId);
        WriteRoles(writer, principal, audience, directory);
        writer.WriteString("sub", principal.ObjectId);
        writer.WriteString("tid", principal.TenantId);
        writer.WriteString("uti", Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(16)));
        writer.WriteString("ver", v1 ? "1.0" : "2.0");
        if (principal.Kind == PrincipalKind.ManagedIdentity && principal.OwningResource is { } resource)
        {
            writer.WriteString("xms_mirid", resource);
        }

        writer.WriteEndObject();
    }

    private void WriteRoles(Utf8JsonWriter writer, ServicePrincipal principal, string audience, DirectoryState directory)
    {
        var roles = graph.Includes(audience) && principal.DirectoryWriter
            ? ["Directory.ReadWrite.All"]
            : AppRoles.Of(principal, audience, directory);
        if (roles.Count == 0)
        {
            return;
        }

        writer.WriteStartArray("roles");
        foreach (var role in roles)
        {
            writer.WriteStringValue(role);
        }

        writer.WriteEndArray();
    }
}
