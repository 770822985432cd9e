namespace Postern.Portal.Management;

/// <summary>ARM paths of one service, each segment escaped.</summary>
internal sealed class ServicePaths(string subscriptionId, string resourceGroup, string serviceName)
{
    public string Name { get; } = serviceName;

    public string Root { get; } =
        $"/subscriptions/{Escape(subscriptionId)}/resourceGroups/{Escape(resourceGroup)}/providers/Microsoft.ApiManagement/service/{Escape(serviceName)}";

    public string Gateways => $"{Root}/gateways";

    public string Apis => $"{Root}/apis";

    public string Products => $"{Root}/products";

    public string Subscriptions => $"{Root}/subscriptions";

    /// <summary>Assignments that hold at the service: its own and those it inherits.</summary>
    public string RoleAssignments => $"{Root}/providers/Microsoft.Authorization/roleAssignments?$filter=atScope()";

    public string DenyAssignments => $"{Root}/providers/Microsoft.Authorization/denyAssignments?$filter=atScope()";

    public string RoleDefinitions => $"{Root}/providers/Microsoft.Authorization/roleDefinitions";

    public string Gateway(string id) => $"{Gateways}/{Escape(id)}";

    public string Instances(string gateway) => $"{Gateway(gateway)}/instances";

    public string GatewayApis(string gateway) => $"{Gateway(gateway)}/apis";

    /// <param name="principal">Object id of whom to explain; null for those that asked lately.</param>
    public string GatewayAccess(string gateway, string? principal) =>
        $"{Gateway(gateway)}/access{(principal is null ? "" : "?principalId=" + Uri.EscapeDataString(principal))}";

    public string Api(string id) => $"{Apis}/{Escape(id)}";

    public string Product(string id) => $"{Products}/{Escape(id)}";

    public string ProductApis(string product) => $"{Product(product)}/apis";

    public string Operations(string api) => $"{Api(api)}/operations";

    public string Operation(string api, string id) => $"{Operations(api)}/{Escape(id)}";

    /// <param name="owner">Path of the service, API, operation or product that the document belongs to.</param>
    public static string Policy(string owner) => $"{owner}/policies/policy";

    /// <summary>Dots alone would climb to another resource; an asterisk is in no resource's name, so nothing is found instead.</summary>
    private static string Escape(string segment) => segment is "." or ".." ? "%2A" : Uri.EscapeDataString(segment);
}
