using Postern.ControlPlane.Resources.Apis;
using Postern.ControlPlane.Resources.ApiVersionSets;
using Postern.ControlPlane.Resources.Backends;
using Postern.ControlPlane.Resources.Caches;
using Postern.ControlPlane.Resources.Certificates;
using Postern.ControlPlane.Resources.DeletedServices;
using Postern.ControlPlane.Resources.Diagnostics;
using Postern.ControlPlane.Resources.Gateways;
using Postern.ControlPlane.Resources.Groups;
using Postern.ControlPlane.Resources.Links;
using Postern.ControlPlane.Resources.Loggers;
using Postern.ControlPlane.Resources.NamedValues;
using Postern.ControlPlane.Resources.Operations;
using Postern.ControlPlane.Resources.Policies;
using Postern.ControlPlane.Resources.PolicyDescriptions;
using Postern.ControlPlane.Resources.PolicyFragments;
using Postern.ControlPlane.Resources.Products;
using Postern.ControlPlane.Resources.ResourceGroups;
using Postern.ControlPlane.Resources.Schemas;
using Postern.ControlPlane.Resources.Services;
using Postern.ControlPlane.Resources.Subscriptions;
using Postern.ControlPlane.Resources.Tags;
using Postern.ControlPlane.Resources.Users;

namespace Postern.ControlPlane.Resources;

/// <summary>Every kind of resource that the management API serves. A new kind is one line here.</summary>
internal static class KindCatalog
{
    public static KindIndex Create(KindServices services) => new(
    [
        new ResourceGroupKind(services),
        new ServiceKind(services),
        .. DeletedServiceKind.All(services),
        new ApiKind(services),
        new ApiRevisionKind(services),
        new ApiProductKind(services),
        new ApiReleaseKind(services),
        new ApiVersionSetKind(services),
        new ApiSchemaKind(),
        new OperationKind(services),
        new PolicyKind(services, "Microsoft.ApiManagement/service/policies"),
        new PolicyKind(services, "Microsoft.ApiManagement/service/products/policies"),
        new PolicyKind(services, "Microsoft.ApiManagement/service/apis/policies"),
        new PolicyKind(services, "Microsoft.ApiManagement/service/apis/operations/policies"),
        new PolicyDescriptionKind(),
        new PolicyFragmentKind(services),
        new ProductKind(services),
        new ProductApiKind(services),
        new ProductGroupKind(services),
        new ProductSubscriptionKind(services),
        new SubscriptionKind(services),
        new NamedValueKind(services),
        new BackendKind(services),
        new UserKind(services),
        new UserGroupKind(services),
        new UserSubscriptionKind(services),
        new GroupKind(services),
        new GroupUserKind(services),
        new GatewayKind(services),
        new GatewayApiKind(services),
        new GatewayInstanceKind(services),
        new GatewayAccessKind(services),
        new GatewayEventKind(services),
        new GatewayMetricKind(services),
        new HostnameConfigurationKind(services),
        new CertificateAuthorityKind(services),
        new CertificateKind(services),
        new CacheKind(services),
        new LoggerKind(services),
        new DiagnosticKind(services, "Microsoft.ApiManagement/service/diagnostics"),
        new DiagnosticKind(services, "Microsoft.ApiManagement/service/apis/diagnostics"),
        new GlobalSchemaKind(),
        new TagKind(services),
        new TagAssignmentKind(services, "Microsoft.ApiManagement/service/apis"),
        new TagAssignmentKind(services, "Microsoft.ApiManagement/service/apis/operations"),
        new TagAssignmentKind(services, "Microsoft.ApiManagement/service/products"),
        new TaggedResourceKind(services, "tagResources", "apis", "apis/operations", "products"),
        new TaggedResourceKind(services, "apisByTags", "apis") { Untagged = "includeNotTaggedApis" },
        new TaggedResourceKind(services, "apis/operationsByTags", "apis/operations") { Untagged = "includeNotTaggedOperations" },
        new TaggedResourceKind(services, "productsByTags", "products") { Untagged = "includeNotTaggedProducts" },
        .. LinkShape.All.Select(shape => new LinkKind(services, shape)),
        new NoSuchFeatureKind("Microsoft.ApiManagement/service/workspaces"),
    ]);
}
