using System.Security.Cryptography.X509Certificates;
using Postern.Policies.Runtime;
using Postern.Snapshots;

namespace Postern.Gateway.State;

/// <summary><c>context.Deployment</c>: the service and gateway that the snapshot was made for, and this process.</summary>
internal sealed class DeploymentState(ServiceSnapshot service, string instanceId, IReadOnlyDictionary<string, X509Certificate2> certificates) : IDeployment, IGatewayInfo
{
    public IGatewayInfo Gateway => this;

    public string GatewayId => service.GatewayId;

    public string Region => service.Region;

    public string ServiceId => service.ServiceId;

    public string ServiceName => service.ServiceName;

    public IReadOnlyDictionary<string, X509Certificate2> Certificates => certificates;

    public string Id => service.GatewayId;

    public string InstanceId => instanceId;

    public bool IsManaged => false;
}
