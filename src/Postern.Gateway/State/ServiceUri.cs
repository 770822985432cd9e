using System.Collections.Frozen;
using Postern.Policies.Runtime;

namespace Postern.Gateway.State;

/// <summary>Reads base addresses of backends.</summary>
internal static class ServiceUri
{
    /// <exception cref="FormatException">Not an absolute http, https, ws or wss address.</exception>
    public static Uri Parse(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" or "ws" or "wss"
            ? uri!
            : throw new FormatException($"The backend address '{text}' is not an absolute http or https address.");
}

/// <summary>An address as expressions see it.</summary>
internal sealed class UrlState(Uri uri) : IUrl
{
    public string Scheme => uri.Scheme;

    public string Host => uri.Host;

    public int Port => uri.Port;

    public string Path => uri.AbsolutePath;

    public string QueryString => uri.Query;

    public IReadOnlyDictionary<string, string[]> Query => FrozenDictionary<string, string[]>.Empty;
}
