using System.Buffers.Text;
using System.Collections.Frozen;
using System.Security.Cryptography;
using System.Text.Json;

namespace Postern.ControlPlane.Access.EntraTokens;

/// <summary>
/// Reads the authority's OpenID configuration and key set. Entra has one document per token version, with one issuer each; a plain
/// OpenID provider has only one, below the tenant or at its root.
/// </summary>
internal sealed class AuthorityMetadata(HttpClient client, Uri authority, string tenantId)
{
    private const string WellKnown = ".well-known/openid-configuration";

    /// <summary>Key sets are a few KB; more than this is no key set.</summary>
    private const int MostBytes = 1 << 20;

    private const int LeastKeyBits = 2048;

    /// <exception cref="HttpRequestException">The authority can't be reached or answers with an error.</exception>
    /// <exception cref="InvalidDataException">What it answers is no such document.</exception>
    public async Task<AuthorityKeys> FetchAsync(DateTimeOffset now, CancellationToken cancellation)
    {
        var version2 = await DocumentAsync($"{tenantId}/v2.0/{WellKnown}", cancellation);
        var version1 = await DocumentAsync($"{tenantId}/{WellKnown}", cancellation);
        var plain = version1 ?? version2 ?? await DocumentAsync(WellKnown, cancellation)
            ?? throw new InvalidDataException($"The authority {authority} has no OpenID configuration for tenant '{tenantId}'.");
        List<(string Issuer, Uri Keys)> documents = [.. new[] { version2, version1, plain }.OfType<(string, Uri)>().Distinct()];

        var keys = new Dictionary<string, RSA>(StringComparer.Ordinal);
        foreach (var address in documents.Select(document => document.Keys).Distinct())
        {
            foreach (var (id, key) in await KeysAsync(address, cancellation))
            {
                keys[id] = key;
            }
        }

        return keys.Count == 0
            ? throw new InvalidDataException($"The authority {authority} publishes no RSA signing key.")
            : new([.. documents.Select(document => document.Issuer).Distinct(StringComparer.Ordinal)], keys.ToFrozenDictionary(StringComparer.Ordinal), now);
    }

    private async Task<(string Issuer, Uri Keys)?> DocumentAsync(string path, CancellationToken cancellation)
    {
        using var document = await GetAsync(new Uri(authority, path), cancellation);
        if (document is null)
        {
            return null;
        }

        var root = document.RootElement;
        return Text(root, "issuer") is { } issuer && Uri.TryCreate(Text(root, "jwks_uri"), UriKind.Absolute, out var keys) && keys.Scheme == Uri.UriSchemeHttps
            ? (issuer, keys)
            : throw new InvalidDataException($"The OpenID configuration at {new Uri(authority, path)} has no issuer or no https jwks_uri.");
    }

    private async Task<IReadOnlyList<(string Id, RSA Key)>> KeysAsync(Uri address, CancellationToken cancellation)
    {
        using var document = await GetAsync(address, cancellation);
        if (document is null || !document.RootElement.TryGetProperty("keys", out var list) || list.ValueKind != JsonValueKind.Array)
        {
            throw new InvalidDataException($"There is no key set at {address}.");
        }

        return [.. list.EnumerateArray().Select(Key).OfType<(string, RSA)>()];
    }

    /// <summary>Null for keys of other kinds and uses: they aren't for us.</summary>
    private static (string Id, RSA Key)? Key(JsonElement key)
    {
        if (Text(key, "kty") != "RSA" || (Text(key, "use") ?? "sig") != "sig" || (Text(key, "alg") ?? "RS256") != "RS256"
            || Text(key, "kid") is not { Length: > 0 } kid || Text(key, "n") is not { } modulus || Text(key, "e") is not { } exponent)
        {
            return null;
        }

        try
        {
            var parameters = new RSAParameters { Modulus = Base64Url.DecodeFromChars(modulus), Exponent = Base64Url.DecodeFromChars(exponent) };
            return parameters.Modulus.Length * 8 < LeastKeyBits ? null : (kid, RSA.Create(parameters));
        }
        catch (Exception error) when (error is FormatException or CryptographicException)
        {
            return null;
        }
    }

    private async Task<JsonDocument?> GetAsync(Uri address, CancellationToken cancellation)
    {
        using var response = await client.GetAsync(address, HttpCompletionOption.ResponseHeadersRead, cancellation);
        if (response.StatusCode is System.Net.HttpStatusCode.NotFound or System.Net.HttpStatusCode.BadRequest)
        {
            return null;
        }

        response.EnsureSuccessStatusCode();
        await response.Content.LoadIntoBufferAsync(MostBytes, cancellation);
        try
        {
            var document = await JsonDocument.ParseAsync(await response.Content.ReadAsStreamAsync(cancellation), default, cancellation);
            return document.RootElement.ValueKind == JsonValueKind.Object ? document : throw new InvalidDataException($"{address} is not a JSON object.");
        }
        catch (JsonException error)
        {
            throw new InvalidDataException($"{address} is not JSON: {error.Message}", error);
        }
    }

    private static string? Text(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : null;
}
