using Microsoft.AspNetCore.Http;
using Postern.Policies.Runtime;

namespace Postern.Gateway.Forwarding;

/// <summary>
/// The seam to backends: sends the exchange's request and reads the head of the answer. Bodies stream; nothing is retried, redirected,
/// decompressed or remembered.
/// </summary>
internal interface IBackendTransport : IDisposable
{
    /// <summary>
    /// Puts status and headers into the exchange's response and its open body into <see cref="GatewayExchange.BackendResponse"/>.
    /// </summary>
    /// <exception cref="BackendException">Nothing usable came.</exception>
    ValueTask SendAsync(GatewayExchange exchange, in BackendRequest request);
}

/// <param name="Endpoint">Where to.</param>
/// <param name="Target">Path and query as they go on the wire.</param>
/// <param name="Timeout">Until the response's headers are there; infinite for none.</param>
/// <param name="ContinueTimeout">Until the backend has said 100 Continue; null to send a body without asking.</param>
internal readonly record struct BackendRequest(BackendEndpoint Endpoint, string Target, TimeSpan Timeout, TimeSpan? ContinueTimeout, HttpVersionRule Version)
{
    /// <returns>The <c>Host</c> that stands for the address's: the backend entity's, or else a policy's. Null for the address's.</returns>
    public string? HostInstead(Postern.Policies.Runtime.PolicyRequest message) => Endpoint.GivenHost ?? message.BackendHost;
}

/// <summary>An answer whose body is not read to its end.</summary>
internal interface IBackendResponse : IDisposable
{
    /// <summary>As the backend declared it; null for a body of unknown length.</summary>
    long? ContentLength { get; }

    /// <summary>Both directions of the connection after a 101; null for every other answer.</summary>
    Stream? Upgraded { get; }

    /// <summary>
    /// Done when reading the body gives something (bytes or its end) at once. While it is not, the caller is sent the headers first, so that
    /// an event stream that has nothing to say yet is seen to be open.
    /// </summary>
    ValueTask WaitForBodyAsync(CancellationToken cancellation) => default;

    /// <summary>
    /// As <see cref="IDisposable.Dispose"/>, and waits until nobody reads the caller's body any more: the caller's connection may go on to its
    /// next request then.
    /// </summary>
    ValueTask CloseAsync();

    /// <summary>Adds the trailers that may be passed on; to be called after the body's end.</summary>
    void CopyTrailers(IHeaderDictionary to);
}

internal enum BackendFailure : byte
{
    Connection,
    Timeout,
    Client,
}

/// <summary>A backend that could not be reached or did not answer as HTTP asks.</summary>
internal sealed class BackendException(BackendFailure failure, string message, Exception? inner = null) : IOException(message, inner)
{
    public BackendFailure Failure { get; } = failure;
}
