using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Abstractions;
using Microsoft.AspNetCore.Http.Features;
using Postern.Policies.Runtime;

namespace Postern.Gateway;

/// <summary>The server's view of the gateway: no middleware, no scopes; one pooled exchange per connection or stream.</summary>
internal sealed class GatewayApplication(GatewayPipeline pipeline, GatewayProbes probes, GatewayRuntime runtime) : IHttpApplication<GatewayExchange>
{
    public GatewayExchange CreateContext(IFeatureCollection contextFeatures)
    {
        if (contextFeatures is not IHostContextContainer<GatewayExchange> container)
        {
            return new(contextFeatures, runtime);
        }

        return container.HostContext ??= new(contextFeatures, runtime);
    }

    public Task ProcessRequestAsync(GatewayExchange context)
    {
        if (!SocketThread.IsCurrent)
        {
            return AnswerAsync(context);
        }

        if (context.EndedAtOnce)
        {
            return LeaveThenAnswerAsync(context);
        }

        var answering = AnswerAsync(context);
        context.EndedAtOnce = answering.IsCompleted;
        return answering;
    }

    /// <summary>A caller that pipelines requests which no backend is asked for must not keep the thread that waits for others.</summary>
    private async Task LeaveThenAnswerAsync(GatewayExchange context)
    {
        context.EndedAtOnce = false;
        await SocketThread.LeaveAsync();
        await AnswerAsync(context);
    }

    private Task AnswerAsync(GatewayExchange context) =>
        probes.IsProbe(context.Request.RawTarget) ? probes.AnswerAsync(context) : pipeline.RunAsync(context);

    public void DisposeContext(GatewayExchange context, Exception? exception)
    {
    }
}
