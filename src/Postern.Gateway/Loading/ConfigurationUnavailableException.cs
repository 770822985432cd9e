using System.Net;

namespace Postern.Gateway.Loading;

/// <summary>The configuration endpoint could not be used: not reached, not trusted, refused or not understood.</summary>
/// <param name="diagnostic">Diagnostic id, ours or the server's.</param>
/// <param name="status">Null when there was no answer.</param>
/// <param name="code">The server's error code or our own word.</param>
/// <param name="reason">For people; nothing secret.</param>
internal sealed class ConfigurationUnavailableException(string diagnostic, HttpStatusCode? status, string code, string reason, Exception? inner = null)
    : IOException(reason, inner)
{
    public string Diagnostic { get; } = diagnostic;

    public HttpStatusCode? Status { get; } = status;

    public string Code { get; } = code;

    /// <summary>Worth another try at once: the server or the way to it failed, not the request.</summary>
    public bool IsTransient => Status is null or HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests or >= HttpStatusCode.InternalServerError;

    public override string ToString() => Status is { } status ? $"{Diagnostic}: StatusCode: {status}, {Code}: {Message}" : $"{Diagnostic}: {Code}: {Message}";
}
