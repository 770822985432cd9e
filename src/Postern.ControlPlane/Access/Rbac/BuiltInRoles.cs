using System.Collections.Frozen;

namespace Postern.ControlPlane.Access.Rbac;

/// <summary>The roles that exist everywhere, with their published ids and permissions. None has a data action.</summary>
internal static class BuiltInRoles
{
    public const string Owner = "8e3af657-a8ff-443c-a75c-2fe8c4bcb635";
    public const string Contributor = "b24988ac-6180-42a0-ab88-20f7382dd24c";
    public const string Reader = "acdd72a7-3385-48ef-bd42-f606fba81ae7";
    public const string UserAccessAdministrator = "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9";
    public const string ServiceContributor = "312a565d-c81f-4fd8-895a-4e21e48d571c";
    public const string ServiceOperator = "e022efe7-f5ba-4159-bbe4-b44f577e9b61";
    public const string ServiceReader = "71522526-b88f-4d52-b57f-d31fc3546d0d";

    private static readonly string[] WithEveryServiceRole =
    [
        "Microsoft.Authorization/*/read",
        "Microsoft.Insights/alertRules/*",
        "Microsoft.ResourceHealth/availabilityStatuses/read",
        "Microsoft.Resources/deployments/*",
        "Microsoft.Resources/subscriptions/resourceGroups/read",
        "Microsoft.Support/*",
    ];

    public static IReadOnlyList<RoleDefinition> All { get; } =
    [
        Role(Owner, "Owner", "Manages everything, and who else may.", ["*"]),
        Role(Contributor, "Contributor", "Manages everything, but not who else may.", ["*"],
        [
            "Microsoft.Authorization/*/Delete",
            "Microsoft.Authorization/*/Write",
            "Microsoft.Authorization/elevateAccess/Action",
            "Microsoft.Blueprint/blueprintAssignments/write",
            "Microsoft.Blueprint/blueprintAssignments/delete",
            "Microsoft.Compute/galleries/share/action",
            "Microsoft.Purview/consents/write",
            "Microsoft.Purview/consents/delete",
            "Microsoft.Resources/deploymentStacks/manageDenySetting/action",
            "Microsoft.Subscription/cancel/action",
            "Microsoft.Subscription/enable/action",
        ]),
        Role(Reader, "Reader", "Sees everything and changes nothing.", ["*/read"]),
        Role(UserAccessAdministrator, "User Access Administrator", "Manages who may do what.",
            ["*/read", "Microsoft.Authorization/*", "Microsoft.Support/*"]),
        Role(ServiceContributor, "API Management Service Contributor", "Manages services and all that is in them.",
            ["Microsoft.ApiManagement/service/*", .. WithEveryServiceRole]),
        Role(ServiceOperator, "API Management Service Operator Role", "Manages services, but not what is in them.",
        [
            "Microsoft.ApiManagement/service/*/read",
            "Microsoft.ApiManagement/service/backup/action",
            "Microsoft.ApiManagement/service/delete",
            "Microsoft.ApiManagement/service/managedeployments/action",
            "Microsoft.ApiManagement/service/read",
            "Microsoft.ApiManagement/service/restore/action",
            "Microsoft.ApiManagement/service/updatecertificate/action",
            "Microsoft.ApiManagement/service/updatehostname/action",
            "Microsoft.ApiManagement/service/write",
            .. WithEveryServiceRole,
        ],
        ["Microsoft.ApiManagement/service/users/keys/read"]),
        Role(ServiceReader, "API Management Service Reader Role", "Sees services and what is in them.",
            ["Microsoft.ApiManagement/service/*/read", "Microsoft.ApiManagement/service/read", .. WithEveryServiceRole],
            ["Microsoft.ApiManagement/service/users/keys/read"]),
    ];

    public static FrozenDictionary<string, RoleDefinition> ByName { get; } = All.ToFrozenDictionary(role => role.Name, StringComparer.OrdinalIgnoreCase);

    private static RoleDefinition Role(string name, string roleName, string description, string[] actions, string[]? notActions = null) =>
        new(name, roleName, description, true, [new(actions, notActions ?? [], [], [])], [ArmScope.Tenant]);
}
