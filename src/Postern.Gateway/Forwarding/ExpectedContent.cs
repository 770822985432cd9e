using System.Net;

namespace Postern.Gateway.Forwarding;

/// <summary>
/// A body that waits until the backend has said 100 Continue (<c>continue-timeout</c>), so that a backend that refuses the request gets none
/// of it, if it is longer than 1 KiB. The platform's client waits without end; the limit is ours.
/// </summary>
internal sealed class ExpectedContent : HttpContent
{
    private readonly HttpContent _body;
    private readonly long? _length;
    private readonly CancellationTokenSource _overdue;

    /// <param name="body">What is sent then.</param>
    /// <param name="limit">How long it waits, with the time to connect.</param>
    public ExpectedContent(HttpContent body, TimeSpan limit, TimeProvider time)
    {
        _body = body;
        _length = body.Headers.ContentLength;
        Limit = limit;
        _overdue = new(limit, time);
    }

    public TimeSpan Limit { get; }

    /// <summary>Cancelled when the backend did not say it in time.</summary>
    public CancellationToken Overdue => _overdue.Token;

    /// <summary>
    /// The backend has said something: 100 Continue, or its answer at once. Without this, each refusal would leave a timer behind until the
    /// limit is over.
    /// </summary>
    public void Answered() => _overdue.CancelAfter(Timeout.InfiniteTimeSpan);

    public HttpContent Body => _body;

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, default);

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        Answered();
        return _body.CopyToAsync(stream, context, cancellationToken);
    }

    protected override bool TryComputeLength(out long length)
    {
        length = _length ?? 0;
        return _length is not null;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _overdue.Dispose();
            _body.Dispose();
        }

        base.Dispose(disposing);
    }
}
