using System.Buffers.Text;
using System.Text;
using Postern.Policies.Expressions;
using Postern.Policies.Runtime;

namespace Postern.Policies.Tokens;

/// <summary>Judges one token: opens it, finds the key, verifies the signature, checks the claims. Never throws for what is in a token.</summary>
internal static class TokenValidation
{
    private const string UnsignedHeader = "{\"alg\":\"none\"}";

    public static async ValueTask<TokenVerdict> JudgeAsync(string text, TokenRequirements wanted, PolicyContext context)
    {
        if (CompactToken.Parse(text) is not { } token)
        {
            return new TokenRefusal("JwtInvalid", "The token is not a JSON web token.");
        }

        if (token.IsEncrypted)
        {
            var (opened, fault) = Open(token, wanted);
            if (opened is null)
            {
                return fault!;
            }

            token = opened;
        }

        if (TokenClaims.Read(token.Part(1)) is not { } claims)
        {
            return new TokenRefusal("JwtInvalid", "The token's claims are not a JSON object.");
        }

        var documents = await DocumentsAsync(wanted, context);
        var (signed, signer) = (false, (OpenIdDocument?)null);
        if (token.HasSignature)
        {
            var found = await SignerAsync(token, claims, wanted, documents, context);
            if (found.Refusal is not null)
            {
                return found.Refusal;
            }

            (signed, signer) = (true, found.Document);
        }
        else if (wanted.RequiresSignature || token.Algorithm != "none")
        {
            return new TokenRefusal("TokenSignatureInvalid", "The token is not signed. Access denied.");
        }

        var issuers = Issuers(wanted, signed && signer is not null ? [signer] : documents);
        return TokenRules.Check(claims, wanted, issuers, context.Services.Time.GetUtcNow()) is { } refusal
            ? refusal
            : new TokenVerdict(Jwt.Parse(token.Text), null);
    }

    /// <summary>An issuer vouches for its own tokens only: a key that it published is no good for a token of another.</summary>
    private static string[]? Issuers(TokenRequirements wanted, IEnumerable<OpenIdDocument> documents) =>
        wanted.Issuers is null && wanted.Published.Count == 0 ? null : [.. wanted.Issuers ?? [], .. documents.Select(document => document.Issuer)];

    private static (CompactToken? Token, TokenRefusal? Refusal) Open(CompactToken token, TokenRequirements wanted)
    {
        if (TokenDecryption.Open(token, wanted.DecryptionKeys) is not { } content)
        {
            return (null, new("JwtInvalid", "The token is encrypted and no decryption key opens it."));
        }

        if (CompactToken.Parse(Encoding.UTF8.GetString(content)) is { IsEncrypted: false } inner)
        {
            return (inner, null);
        }

        // Claims may also be encrypted directly; they are then as good as an unsigned token.
        return TokenClaims.Read(content) is null
            ? (null, new("JwtInvalid", "The encrypted token holds neither a token nor claims."))
            : (CompactToken.Parse($"{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(UnsignedHeader))}.{Base64Url.EncodeToString(content)}."), null);
    }

    private static async ValueTask<List<OpenIdDocument>> DocumentsAsync(TokenRequirements wanted, PolicyContext context, bool again = false)
    {
        var documents = new List<OpenIdDocument>(wanted.Published.Count);
        if (wanted.Published.Count > 0 && context.Services.Resources?.Http is { } http)
        {
            foreach (var configuration in wanted.Published)
            {
                var document = again
                    ? await configuration.LookAgainAsync(http, context.Services.Time, context.Aborted)
                    : await configuration.GetAsync(http, context.Services.Time, context.Aborted);
                if (document is not null)
                {
                    documents.Add(document);
                }
            }
        }

        return documents;
    }

    private static async ValueTask<(OpenIdDocument? Document, TokenRefusal? Refusal)> SignerAsync(
        CompactToken token, TokenClaims claims, TokenRequirements wanted, List<OpenIdDocument> documents, PolicyContext context)
    {
        if (token.Part(2) is not { } signature)
        {
            return (null, new("JwtInvalid", "The token's signature is not Base64url."));
        }

        var candidates = Candidates(token, wanted, documents);
        if (candidates.Count == 0 && token.KeyId is { } id && !documents.Exists(document => document.Keys.Any(key => key.Id == id)))
        {
            candidates = Candidates(token, wanted, await DocumentsAsync(wanted, context, again: true));
        }

        if (candidates.Count == 0)
        {
            foreach (var failure in wanted.Published.Select(configuration => configuration.Failure).OfType<string>())
            {
                context.Services.Trace(context, "validate-jwt", $"OpenID configuration: {failure}");
            }

            return (null, new("TokenSignatureKeyNotFound", $"No key was found for the token's key id '{TokenRefusal.Shown(token.KeyId)}' and algorithm. Access denied."));
        }

        var input = token.Protected;
        // Issuers may share keys, as the two versions of Entra's tokens do: the one that the token names goes first.
        foreach (var (key, document) in candidates.OrderByDescending(candidate => candidate.Document is { } one && TokenRules.IsIssuer(one.Issuer, claims)))
        {
            if (key.Verify(token.Algorithm, input, signature))
            {
                return (document, null);
            }
        }

        return (null, new("TokenSignatureInvalid", "The token's signature is not valid. Access denied."));
    }

    private static List<(TokenKey Key, OpenIdDocument? Document)> Candidates(CompactToken token, TokenRequirements wanted, List<OpenIdDocument> documents)
    {
        var candidates = new List<(TokenKey, OpenIdDocument?)>();
        foreach (var key in wanted.Keys)
        {
            if (key.Fits(token))
            {
                candidates.Add((key, null));
            }
        }

        foreach (var document in documents)
        {
            foreach (var key in document.Keys)
            {
                if (key.Fits(token))
                {
                    candidates.Add((key, document));
                }
            }
        }

        return candidates;
    }
}

/// <summary>The token, or why it is refused.</summary>
internal readonly record struct TokenVerdict(Jwt? Token, TokenRefusal? Refusal)
{
    public static implicit operator TokenVerdict(TokenRefusal refusal) => new(null, refusal);
}
