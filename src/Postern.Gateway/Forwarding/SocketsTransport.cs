namespace Postern.Gateway.Forwarding;

/// <summary>The transport over the platform's own HTTP client: every protocol version, proxies, client certificates.</summary>
internal sealed class SocketsTransport(SocketsClients clients) : IBackendTransport
{
    public ValueTask SendAsync(GatewayExchange exchange, in BackendRequest request)
    {
        var message = BackendRequestMessage.Create(exchange, request);
        return ExchangeAsync(exchange, clients.Of(exchange.Context.Request, request.Endpoint), message, request.Timeout);
    }

    public void Dispose() => clients.Dispose();

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
}
