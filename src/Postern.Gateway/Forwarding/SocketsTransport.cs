using System.Net;
using System.Net.Security;
using System.Text;
using Postern.Gateway.Settings;
using Postern.Hosting.Tls;
using Postern.Policies.Runtime;

namespace Postern.Gateway.Forwarding;

/// <summary>The transport over the platform's own HTTP client: every protocol version, proxies, TLS.</summary>
internal sealed class SocketsTransport : IBackendTransport
{
    private readonly HttpMessageInvoker _checked;
    private readonly HttpMessageInvoker _unchecked;

    public SocketsTransport(TlsSettings tls, TrustedRoots roots, bool useProxy)
    {
        _checked = new(CreateHandler(tls, useProxy, (_, certificate, chain, errors) => roots.Validate(certificate, chain, errors)));
        _unchecked = new(CreateHandler(tls, useProxy, static (_, _, _, _) => true));
    }

    public ValueTask SendAsync(GatewayExchange exchange, in BackendRequest request)
    {
        var message = BackendRequestMessage.Create(exchange, request);
        var backend = request.Endpoint.Backend?.Snapshot;

        // A backend that lets go of one of the two checks gets the finer callback below; both are on otherwise.
        var invoker = backend is { ValidateCertificateChain: false } or { ValidateCertificateName: false } ? _unchecked : _checked;
        return ExchangeAsync(exchange, invoker, message, request.Timeout);
    }

    public void Dispose()
    {
        _checked.Dispose();
        _unchecked.Dispose();
    }

    private static async ValueTask ExchangeAsync(GatewayExchange exchange, HttpMessageInvoker invoker, HttpRequestMessage message, TimeSpan timeout)
    {
        var aborted = exchange.Context.Aborted;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(aborted);
        if (timeout != Timeout.InfiniteTimeSpan)
        {
            limit.CancelAfter(timeout);
        }

        HttpResponseMessage answer;
        try
        {
            answer = await invoker.SendAsync(message, limit.Token);
        }
        catch (OperationCanceledException canceled)
        {
            message.Dispose();
            throw aborted.IsCancellationRequested
                ? new BackendException(BackendFailure.Client, "The caller closed its connection while the backend was working.", canceled)
                : new BackendException(BackendFailure.Timeout, $"The backend sent no response headers within {timeout.TotalSeconds:0.###} seconds.", canceled);
        }
        catch (HttpRequestException failed)
        {
            message.Dispose();
            throw new BackendException(
                aborted.IsCancellationRequested ? BackendFailure.Client : BackendFailure.Connection,
                $"The backend could not be reached or broke off: {(failed.InnerException ?? failed).Message}", failed);
        }

        exchange.BackendResponse = new SocketsResponse(answer, exchange);
    }

    private static SocketsHttpHandler CreateHandler(TlsSettings tls, bool useProxy, RemoteCertificateValidationCallback validate)
    {
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.None,
            UseCookies = false,
            UseProxy = useProxy,
            ActivityHeadersPropagator = null,
            ConnectTimeout = TimeSpan.FromSeconds(15),
            EnableMultipleHttp2Connections = true,
            MaxResponseHeadersLength = 64,
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            PooledConnectionIdleTimeout = TimeSpan.FromSeconds(90),
            RequestHeaderEncodingSelector = static (_, _) => Encoding.Latin1,
            ResponseHeaderEncodingSelector = static (_, _) => Encoding.Latin1,
        };
        handler.SslOptions = BackendTls.Options(tls, validate);
        return handler;
    }
}
