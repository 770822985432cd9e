using Postern.Gateway.Forwarding;
using Postern.Gateway.Routing;
using Postern.Gateway.State;
using Postern.Gateway.Subscriptions;
using Postern.Gateway.Telemetry;
using Postern.Gateway.Tracing;

namespace Postern.Gateway;

/// <summary>The request's path, one line per step. Refusals are values; an exception here is a defect and costs only its own request.</summary>
internal sealed class GatewayPipeline(CurrentState current, GatewayTelemetry telemetry, bool trustForwardedProto, long largestBody)
{
    public async Task RunAsync(GatewayExchange exchange)
    {
        if (current.State is not { } state)
        {
            await BuiltInResponses.SendUnavailableAsync(exchange, current.Reason);
            return;
        }

        try
        {
            exchange.Begin(state);                                                                  // pinned until the last byte
            var refusal = RequestRouting.Match(exchange, trustForwardedProto);                      // path, host, version → API, operation
            DebugAccess.Check(exchange);                                                            // debug token → trace
            refusal ??= SubscriptionCheck.Check(exchange);                                          // key → subscription, product
            refusal ??= CallerFault.TooLarge(exchange, largestBody);                                // declared length
            if (refusal is null || !CorsPreflight.TryAnswer(exchange))                              // a browser's question: cors alone answers
            {
                var program = state.ProgramFor(exchange);                                           // effective policy of the operation
                await (refusal is null
                    ? program.RunAsync(exchange.Context)                                            // inbound → backend (forwards) → outbound
                    : exchange.RefuseAsync(program, refusal));                                      // on-error
            }

            await ResponseSender.SendAsync(exchange);                                               // status, headers, body, trailers
        }
        catch (Exception exception)
        {
            await BuiltInResponses.SendFailureAsync(exchange, exception, telemetry);
        }
        finally
        {
            await EndAsync(exchange);                                                               // metrics, log, trace; connections
        }
    }

    /// <summary>The exchange serves the next request too: it is left clean, and the backend's connection free, whatever telling of it does.</summary>
    private async ValueTask EndAsync(GatewayExchange exchange)
    {
        try
        {
            exchange.Context.Transferred(exchange.ResponseSize);
            await telemetry.FinishedAsync(exchange);
        }
        finally
        {
            await exchange.CloseBackendResponseAsync();
            exchange.End();
        }
    }
}
