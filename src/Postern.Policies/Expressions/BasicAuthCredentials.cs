using System.Text;

namespace Postern.Policies.Expressions;

/// <summary>User and password of an <c>Authorization: Basic …</c> header.</summary>
public sealed class BasicAuthCredentials
{
    private BasicAuthCredentials(string userId, string password)
    {
        UserId = userId;
        Password = password;
    }

    public string UserId { get; }

    public string Username => UserId;

    public string Password { get; }

    internal static BasicAuthCredentials? Parse(string? header)
    {
        if (header is null || !header.StartsWith("Basic ", StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        var encoded = header.AsSpan(6).Trim();
        var bytes = new byte[encoded.Length];
        if (!Convert.TryFromBase64Chars(encoded, bytes, out var length))
        {
            return null;
        }

        var text = Encoding.Latin1.GetString(bytes, 0, length);
        var colon = text.LastIndexOf(':');
        return colon <= 0 ? null : new(text[..colon], text[(colon + 1)..]);
    }
}
