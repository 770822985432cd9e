using Microsoft.Extensions.Logging;
using Postern.ControlPlane.Access.GatewayTokens;
using Postern.ControlPlane.Store;
using Postern.ControlPlane.Telemetry;

namespace Postern.ControlPlane.ConfigurationApi;

/// <summary>What the configuration API is made of.</summary>
/// <param name="Stopping">Ends long polls when the server shuts down.</param>
internal sealed record ConfigurationApiParts(
    IResourceStore Store,
    ConfigurationAccess Access,
    ServiceDirectory Services,
    IPublishedConfigurations Published,
    IGatewayInstances Instances,
    GatewayTelemetry Telemetry,
    GatewayTokenWatch TokenWatch,
    TimeProvider Time,
    ILogger Logger,
    CancellationToken Stopping);
