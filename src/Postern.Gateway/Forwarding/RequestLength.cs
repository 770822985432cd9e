using Postern.Policies.Runtime;

namespace Postern.Gateway.Forwarding;

/// <summary>How a request says where its body ends.</summary>
internal static class RequestLength
{
    /// <summary>
    /// What <c>Content-Length</c> says to the backend; null for chunks. A policy may take the header away but not write another number into
    /// it: bytes beyond it would be a request of their own to the backend.
    /// </summary>
    public static long? Of(PolicyRequest message) => message.Body.State switch
    {
        MessageBodyState.Streaming => message.Headers.ContentLength is null ? null : message.Body.Length,
        MessageBodyState.Buffered => message.Body.Bytes.Length,
        _ => 0,
    };
}
