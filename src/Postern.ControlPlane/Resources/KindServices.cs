using Postern.ControlPlane.Access;
using Postern.ControlPlane.ConfigurationApi;
using Postern.ControlPlane.Import;
using Postern.ControlPlane.Resources.Services;
using Postern.ControlPlane.Store;
using Postern.ControlPlane.Telemetry;

namespace Postern.ControlPlane.Resources;

/// <summary>What kinds work with beside the protocol.</summary>
/// <param name="TenantId">The directory's id, for identities.</param>
internal sealed record KindServices(
    IResourceStore Store,
    SecretProtector Protector,
    SecretMembers Secrets,
    ArmEnvelope Envelope,
    TimeProvider Time,
    string TenantId,
    IManagedIdentities Identities,
    IGatewayTokens GatewayTokens,
    IGatewayInstances GatewayInstances,
    GatewayTelemetry Telemetry,
    GatewayAccessExplanation GatewayAccess,
    DefinitionLinks Links);
