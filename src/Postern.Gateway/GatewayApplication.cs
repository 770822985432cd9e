using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Abstractions;
using Microsoft.AspNetCore.Http.Features;

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

    public Task ProcessRequestAsync(GatewayExchange context) =>
        probes.IsProbe(context.Request.RawTarget) ? probes.AnswerAsync(context) : pipeline.RunAsync(context);

    public void DisposeContext(GatewayExchange context, Exception? exception)
    {
    }
}
