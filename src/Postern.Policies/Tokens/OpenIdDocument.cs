using Microsoft.AspNetCore.Http;
using Postern.Policies.Runtime;

namespace Postern.Policies.Tokens;

/// <summary>What an issuer publishes about its tokens, at one time.</summary>
/// <param name="Issuer">May hold <c>{tenantid}</c>, which stands for the token's <c>tid</c>.</param>
internal sealed record OpenIdDocument(string Issuer, IReadOnlyList<TokenKey> Keys, DateTimeOffset FetchedAt)
{
    private const int Largest = 1024 * 1024;

    /// <exception cref="HttpRequestException">No answer, or not a good one.</exception>
    /// <exception cref="InvalidDataException">The answer is not what it should be.</exception>
    public static async Task<OpenIdDocument> FetchAsync(IPolicyHttpClient http, Uri address, DateTimeOffset now, CancellationToken cancellation)
    {
        var metadata = TokenText.Object(await GetAsync(http, address, cancellation)) ?? throw new InvalidDataException($"{address} does not hold a JSON object.");
        if (TokenText.Member(metadata, "issuer") is not { Length: > 0 } issuer)
        {
            throw new InvalidDataException($"{address} names no issuer.");
        }

        // Keys must not come over a weaker connection than the document that names their place.
        if (!Uri.TryCreate(TokenText.Member(metadata, "jwks_uri"), UriKind.Absolute, out var keys)
            || !(keys.Scheme == Uri.UriSchemeHttps || (keys.Scheme == Uri.UriSchemeHttp && address.Scheme == Uri.UriSchemeHttp)))
        {
            throw new InvalidDataException($"{address} names no usable jwks_uri.");
        }

        return new(issuer, PublishedKeys.Read(await GetAsync(http, keys, cancellation)), now);
    }

    private static async Task<byte[]> GetAsync(IPolicyHttpClient http, Uri address, CancellationToken cancellation)
    {
        var request = new PolicyRequest { Headers = new HeaderDictionary { ["Accept"] = "application/json" } };
        var response = new PolicyResponse { Headers = new HeaderDictionary() };
        try
        {
            await http.SendAsync(new(address, request) { LongestAnswer = Largest }, response, cancellation);
            await response.Body.BufferAsync(cancellation, Largest);
        }
        catch (MessageBodyTooLargeException)
        {
            throw new InvalidDataException($"{address} answered with more than {Largest} bytes.");
        }

        if (response.StatusCode != 200)
        {
            throw new HttpRequestException($"{address} answered with {response.StatusCode}.");
        }

        return response.Body.Bytes.ToArray();
    }
}
