namespace Postern.Gateway.Forwarding.Http1;

/// <summary>The backend sent something that is not HTTP/1.1 (RFC 9112), or too much of it.</summary>
internal sealed class BrokenMessageException(string message) : IOException(message);
