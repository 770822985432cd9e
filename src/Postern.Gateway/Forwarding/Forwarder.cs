using System.Diagnostics;
using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.Extensions.Primitives;
using Postern.Gateway.Backends;
using Postern.Policies.Runtime;

namespace Postern.Gateway.Forwarding;

/// <summary>What <c>forward-request</c> does: finds the backend's address, sends, and turns failures into values.</summary>
internal sealed class Forwarder(IBackendTransport transport) : IDisposable
{
    private readonly BackendEndpoints _endpoints = new();

    public ValueTask<Flow> ForwardAsync(GatewayExchange exchange, in ForwardOptions options)
    {
        ref var target = ref exchange.Context.Request.Backend;
        BackendEndpoint endpoint;
        if (target.BackendId is { } id)
        {
            if (!exchange.State.Backends.TryGetValue(id, out var named))
            {
                return new(Flow.Fail(Failure("BackendNotFound", $"There is no backend '{id}'.", null)));
            }

            if (BackendChoice.Choose(exchange, named) is not { } backend)
            {
                return default;
            }

            exchange.Context.Request.Entity = backend;
            target.Base = backend.Address;
            endpoint = backend.Endpoint;
        }
        else if (target.Base is { } address)
        {
            endpoint = _endpoints.Of(address);
        }
        else
        {
            return new(Flow.Fail(Failure("BackendNotSet", "Neither the API nor a policy names a backend.", null)));
        }

        var version = options.HttpVersion;
        if (exchange.Api is { IsGrpc: true })
        {
            // gRPC is HTTP/2 by definition, and a stream of its messages may be silent for as long as it likes.
            version = HttpVersionRule.Two;
            exchange.Features.Get<IHttpMinRequestBodyDataRateFeature>()?.MinDataRate = null;
        }

        return SendAsync(exchange, new(endpoint, endpoint.Target(target.Path, target.Query), options.Timeout, options.ContinueTimeout, version), options);
    }

    /// <summary>Half a body, or none, must not pass for the request. The caller gets the answer to the attempt that was made.</summary>
    private static PolicyError NotRepeatable { get; } = Failure(
        "RequestBodyNotBuffered", "The request's body was sent before and was not kept: set buffer-request-body=\"true\" on forward-request.", null) with
    {
        KeepsResponse = true,
        IsFinal = true,
    };

    public void Dispose() => transport.Dispose();

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<Flow> SendAsync(GatewayExchange exchange, BackendRequest request, ForwardOptions options)
    {
        var context = exchange.Context;
        var backend = request.Endpoint.Backend;
        var began = Stopwatch.GetTimestamp();
        try
        {
            if (context.Request.Body is { State: MessageBodyState.Streaming, WasSent: true })
            {
                return Flow.Fail(NotRepeatable);
            }

            // A second attempt (retry) lets go of the answer to the first.
            await exchange.CloseBackendResponseAsync();
            if (options.BufferRequestBody || options.FollowRedirects)
            {
                await context.Request.Body.BufferAsync(context.Aborted);
            }

            await transport.SendAsync(exchange, request);
            for (var hops = 0; options.FollowRedirects && hops < Redirects.Most && Redirects.Next(exchange, request, _endpoints) is { } next; hops++)
            {
                await exchange.CloseBackendResponseAsync();
                request = next;
                await transport.SendAsync(exchange, request);
            }

            context.Response.Exists = true;
            exchange.BackendStatus = context.Response.StatusCode;
            if (backend is not null)
            {
                backend.Breaker?.Answered(context.Response.StatusCode, context.Response.Headers.RetryAfter);
                if (exchange.NewSession is { } session)
                {
                    var cookie = session.Issue(backend, context.Request.OriginalUrl.Scheme == "https");
                    context.Response.Headers.SetCookie = StringValues.Concat(context.Response.Headers.SetCookie, cookie);
                }
            }

            return Flow.Continue;
        }
        catch (BackendException failed) when (CallerFault.Of(failed) is { } fault)
        {
            return Flow.Fail(fault);
        }
        catch (BackendException failed)
        {
            var reason = failed.Failure switch
            {
                BackendFailure.Timeout => "Timeout",
                BackendFailure.Client => "ClientConnectionFailure",
                _ => "BackendConnectionFailure",
            };
            if (failed.Failure != BackendFailure.Client)
            {
                backend?.Breaker?.Failed(reason);
            }

            return Flow.Fail(Failure(reason, failed.Message, failed));
        }
        finally
        {
            exchange.BackendTicks += Stopwatch.GetTimestamp() - began;
        }
    }

    private static PolicyError Failure(string reason, string message, Exception? exception) =>
        new() { Source = "forward-request", Reason = reason, Message = message, StatusCode = 500, Exception = exception };
}
