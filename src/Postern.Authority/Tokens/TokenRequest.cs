using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Postern.Authority.Tokens;

/// <summary>The form of a token request. Parameters that nobody asks for (clients send several of their own) are left alone.</summary>
internal sealed class TokenRequest
{
    /// <summary>A certificate chain inside an assertion is the biggest honest thing that arrives here.</summary>
    public const int MaxBodyBytes = 64 * 1024;

    private const int MaxParameters = 64;

    private readonly IFormCollection _form;

    private TokenRequest(IFormCollection form) => _form = form;

    public string? GrantType => this["grant_type"];

    public string? ClientId { get; private init; }

    public string? ClientSecret { get; private init; }

    public string? Assertion => this["client_assertion"];

    public string? AssertionType => this["client_assertion_type"];

    /// <summary>An empty value counts as absent (RFC 6749 §3.2).</summary>
    public string? this[string name] => _form[name] is [{ Length: > 0 } value] ? value : null;

    public static async ValueTask<(TokenRequest? Request, TokenRefusal? Refusal)> ReadAsync(HttpContext context)
    {
        IFormCollection form;
        try
        {
            form = IsUrlEncoded(context.Request.ContentType)
                ? await context.Request.ReadFormAsync(
                    new FormOptions { ValueCountLimit = MaxParameters, BufferBodyLengthLimit = MaxBodyBytes, ValueLengthLimit = MaxBodyBytes },
                    context.RequestAborted)
                : FormCollection.Empty;
        }
        catch (Exception problem) when (problem is InvalidDataException or BadHttpRequestException or DecoderFallbackException)
        {
            return (null, TokenRefusal.Malformed);
        }

        foreach (var (name, values) in form)
        {
            if (values.Count > 1)
            {
                return (null, TokenRefusal.RepeatedParameter(Shown(name)));
            }
        }

        var basic = ReadBasic(context.Request.Headers.Authorization.ToString());
        return (new(form)
        {
            ClientId = Nonempty(form["client_id"]) ?? basic?.Id,
            ClientSecret = Nonempty(form["client_secret"]) ?? basic?.Secret,
        }, null);
    }

    /// <summary>OAuth knows no other form; a multipart one could bring files.</summary>
    private static bool IsUrlEncoded(string? contentType) =>
        contentType?.Split(';')[0].Trim().Equals("application/x-www-form-urlencoded", StringComparison.OrdinalIgnoreCase) == true;

    /// <summary>What a caller sent, fit to be told back: short, and without control characters.</summary>
    public static string Shown(string? text)
    {
        var shortened = text is { Length: > 200 } ? text[..200] + "…" : text ?? "";
        return shortened.Any(char.IsControl) ? string.Concat(shortened.Where(letter => !char.IsControl(letter))) : shortened;
    }

    /// <summary>RFC 6749 §2.3.1: id and secret are form-encoded before they are joined.</summary>
    private static (string Id, string Secret)? ReadBasic(string header)
    {
        const string prefix = "Basic ";
        if (!header.StartsWith(prefix, StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        var bytes = new byte[header.Length];
        if (!Convert.TryFromBase64String(header[prefix.Length..].Trim(), bytes, out var length))
        {
            return null;
        }

        var pair = Encoding.UTF8.GetString(bytes, 0, length);
        var colon = pair.IndexOf(':', StringComparison.Ordinal);
        return colon < 0 ? null : (System.Net.WebUtility.UrlDecode(pair[..colon]), System.Net.WebUtility.UrlDecode(pair[(colon + 1)..]));
    }

    private static string? Nonempty(Microsoft.Extensions.Primitives.StringValues values) => values is [{ Length: > 0 } value] ? value : null;
}
