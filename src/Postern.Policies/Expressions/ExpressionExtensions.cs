using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Microsoft.AspNetCore.WebUtilities;
using Postern.Policies.Certificates;

namespace Postern.Policies.Expressions;

/// <summary>The documented helper methods of expressions.</summary>
public static class ExpressionExtensions
{
    /// <summary>All values of a header, query parameter or claim joined with commas.</summary>
    public static string? GetValueOrDefault(this IReadOnlyDictionary<string, string[]> values, string name) => values.GetValueOrDefault(name, (string?)null);

    public static string? GetValueOrDefault(this IReadOnlyDictionary<string, string[]> values, string name, string? defaultValue) =>
        values is HeaderView headers ? headers.Line(name) ?? defaultValue
        : values.TryGetValue(name, out var found) ? string.Join(",", found)
        : defaultValue;

    public static string? GetValueOrDefault(this IReadOnlyDictionary<string, string> values, string name) => values.GetValueOrDefault(name, (string?)null);

    public static string? GetValueOrDefault(this IReadOnlyDictionary<string, string> values, string name, string? defaultValue) =>
        values.TryGetValue(name, out var found) ? found : defaultValue;

    /// <exception cref="InvalidCastException">The variable holds something else.</exception>
    public static T? GetValueOrDefault<T>(this IReadOnlyDictionary<string, object?> variables, string name) =>
        variables.GetValueOrDefault<T>(name, default);

    /// <exception cref="InvalidCastException">The variable holds something else.</exception>
    public static T? GetValueOrDefault<T>(this IReadOnlyDictionary<string, object?> variables, string name, T? defaultValue)
    {
        if (!variables.TryGetValue(name, out var found))
        {
            return defaultValue;
        }

        return found switch
        {
            T fits => fits,
            null => default,
            _ => throw new InvalidCastException($"Variable '{name}' holds a {found.GetType().Name}, not a {typeof(T).Name}."),
        };
    }

    public static object? GetValueOrDefault(this IReadOnlyDictionary<string, object?> variables, string name) =>
        variables.TryGetValue(name, out var found) ? found : null;

    public static BasicAuthCredentials? AsBasic(this string? value) => BasicAuthCredentials.Parse(value);

    public static bool TryParseBasic(this string? value, out BasicAuthCredentials? result) => (result = BasicAuthCredentials.Parse(value)) is not null;

    public static Jwt? AsJwt(this string? value) => Jwt.Parse(value);

    public static bool TryParseJwt(this string? value, out Jwt? result) => (result = Jwt.Parse(value)) is not null;

    /// <summary>Validates lifetime and chain as this gateway does, without asking whether certificates were revoked.</summary>
    public static bool VerifyNoRevocation(this X509Certificate2 certificate) => CertificateTrust.Of(certificate).Verifies(certificate, revocation: false);

    /// <summary>
    /// What <see cref="X509Certificate2.Verify"/> is in expressions. The platform's own knows nothing of the gateway's authorities, and would
    /// fetch from wherever the certificate says.
    /// </summary>
    public static bool VerifyRevocation(this X509Certificate2 certificate) => CertificateTrust.Of(certificate).Verifies(certificate, revocation: true);

    public static byte[] Encrypt(this byte[] input, string alg, byte[] key, byte[] iv)
    {
        using var algorithm = SymmetricAlgorithms.Create(alg);
        return input.Encrypt(algorithm, key, iv);
    }

    public static byte[] Encrypt(this byte[] input, SymmetricAlgorithm alg) => input.Encrypt(alg, alg.Key, alg.IV);

    public static byte[] Encrypt(this byte[] input, SymmetricAlgorithm alg, byte[] key, byte[] iv)
    {
        using var transform = alg.CreateEncryptor(key, iv);
        return transform.TransformFinalBlock(input, 0, input.Length);
    }

    public static byte[] Decrypt(this byte[] input, string alg, byte[] key, byte[] iv)
    {
        using var algorithm = SymmetricAlgorithms.Create(alg);
        return input.Decrypt(algorithm, key, iv);
    }

    public static byte[] Decrypt(this byte[] input, SymmetricAlgorithm alg) => input.Decrypt(alg, alg.Key, alg.IV);

    public static byte[] Decrypt(this byte[] input, SymmetricAlgorithm alg, byte[] key, byte[] iv)
    {
        using var transform = alg.CreateDecryptor(key, iv);
        return transform.TransformFinalBlock(input, 0, input.Length);
    }

    /// <returns><c>?a=b&amp;c=d</c>; null when there is nothing.</returns>
    public static string? ToQueryString(this IDictionary<string, IList<string>> form) => form.ToFormUrlEncodedContent() is { } text ? $"?{text}" : null;

    /// <returns>One pair per value; null when there is nothing.</returns>
    public static string? ToFormUrlEncodedContent(this IDictionary<string, IList<string>> form)
    {
        var text = new StringBuilder();
        foreach (var (name, values) in form)
        {
            foreach (var value in values)
            {
                text.Append(text.Length == 0 ? "" : "&").Append(System.Net.WebUtility.UrlEncode(name)).Append('=')
                    .Append(System.Net.WebUtility.UrlEncode(value));
            }
        }

        return text.Length == 0 ? null : text.ToString();
    }
}
