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
        var expected = message.Content as ExpectedContent;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(aborted, expected?.Overdue ?? default);
        if (timeout != Timeout.InfiniteTimeSpan)
        {
            limit.CancelAfter(timeout);
        }

        HttpResponseMessage? answer = null;
        try
        {
            answer = await invoker.SendAsync(message, limit.Token);
            expected?.Answered();
            exchange.BackendResponse = new SocketsResponse(answer, exchange);
        }
        catch (Exception failed)
        {
            var awaited = expected is { Overdue.IsCancellationRequested: true } ? $"said no 100 Continue within {expected.Limit.TotalSeconds:0.###}"
                : $"sent no response headers within {timeout.TotalSeconds:0.###}";
            await LetGoAsync(message, answer);
            if (Failure(failed, aborted.IsCancellationRequested, awaited) is { } failure)
            {
                throw failure;
            }

            throw;
        }
    }

    /// <summary>The client ends its exchange by itself but not what it began to read of the caller's body.</summary>
    private static ValueTask LetGoAsync(HttpRequestMessage message, HttpResponseMessage? answer)
    {
        answer?.Dispose();
        message.Dispose();
        return StreamedContent.StopAsync(message.Content);
    }

    /// <returns>Null for what is no failure of the backend or the caller.</returns>
    private static BackendException? Failure(Exception failed, bool aborted, string awaited) => failed switch
    {
        OperationCanceledException when aborted =>
            new(BackendFailure.Client, "The caller closed its connection while the backend was working.", failed),
        OperationCanceledException => new(BackendFailure.Timeout, $"The backend {awaited} seconds.", failed),
        HttpRequestException => new(
            aborted ? BackendFailure.Client : BackendFailure.Connection, $"The backend could not be reached or broke off: {(failed.InnerException ?? failed).Message}", failed),
        _ => null,
    };
}
