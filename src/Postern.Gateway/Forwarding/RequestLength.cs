using Postern.Policies.Runtime;

namespace Postern.Gateway.Forwarding;

/// <summary>How a request says where its body ends.</summary>
internal static class RequestLength
{
    /// <summary>What <c>Content-Length</c> says to the backend; null for chunks. Policies can't touch the caller's own.</summary>
    public static long? Of(PolicyRequest message) => message.Body.State switch
    {
        MessageBodyState.Streaming => message.Headers.ContentLength,
        MessageBodyState.Buffered => message.Body.Bytes.Length,
        _ => 0,
    };
}
