using System.Text.Json.Nodes;

namespace Postern.Configuration.Folder;

/// <summary>Every kind that the folder holds, in the order in which one may need another.</summary>
internal static class FolderLayout
{
    public const string PolicyFile = "policy.xml";

    /// <summary>Secrets of an export, in the form of an overriding configuration file.</summary>
    public const string SecretsFile = "configuration.secrets.yaml";

    /// <summary>Names of the file with an API's definition, by preference.</summary>
    public static readonly IReadOnlyList<string> SpecificationFiles =
        ["specification.yaml", "specification.yml", "specification.json", "specification.graphql", "specification.wsdl", "specification.proto", "specification.wadl"];

    public static readonly FolderKind NamedValues = new("namedValues", "named values", "namedValueInformation.json")
    {
        ReadOnly = Set("provisioningState"),
        Defaults = new() { ["secret"] = false },
        Hidden = ["value"],
        SecretsAction = "listValue",
        IsPatched = true,
    };

    public static readonly FolderKind Groups = new("groups", "groups", "groupInformation.json")
    {
        ReadOnly = Set("builtIn"),
        Defaults = new() { ["type"] = "custom" },
    };

    public static readonly FolderKind Gateways = new("gateways", "gateways", "gatewayInformation.json")
    {
        ReadOnly = Set("primaryKey", "secondaryKey"),
        SecretsAction = "listKeys",
        Restored = ["primaryKey", "secondaryKey"],
    };

    public static readonly FolderKind Products = new("products", "products", "productInformation.json")
    {
        Defaults = new() { ["subscriptionRequired"] = true, ["approvalRequired"] = false, ["state"] = "notPublished" },
    };

    public static readonly FolderKind Apis = new("apis", "apis", "apiInformation.json")
    {
        References = Set("apiVersionSetId"),
        ReadOnly = Set(
            "apiRevision", "isCurrent", "isOnline", "provisioningState", "apiVersionSet", "apiType", "format", "value", "sourceApiId", "wsdlSelector",
            "translateRequiredQueryParameters"),
        Told = Set("apiRevision", "isCurrent"),
        Defaults = new()
        {
            ["type"] = "http",
            ["subscriptionRequired"] = true,
            ["protocols"] = new JsonArray("https"),
            ["subscriptionKeyParameterNames"] = new JsonObject { ["header"] = "Ocp-Apim-Subscription-Key", ["query"] = "subscription-key" },
        },
    };

    public static readonly FolderKind Schemas = new("apis/schemas", "schemas", "apiSchemaInformation.json")
    {
        IsAddition = true,
        Listing = Listing.Names,
        ReadOnly = Set("provisioningState"),
    };

    public static readonly FolderKind Operations = new("apis/operations", "operations", "operationInformation.json") { Listing = Listing.Names, IsAddition = true };

    public static readonly FolderKind Releases = new("apis/releases", "releases", "apiReleaseInformation.json")
    {
        References = Set("apiId"),
        ReadOnly = Set("createdDateTime", "updatedDateTime"),
    };

    public static readonly FolderKind ProductApis = Relation("products/apis", "apis", "productApiInformation.json");
    public static readonly FolderKind ProductGroups = Relation("products/groups", "groups", "productGroupInformation.json");
    public static readonly FolderKind GatewayApis = Relation("gateways/apis", "apis", "gatewayApiInformation.json");
    public static readonly FolderKind GroupUsers = Relation("groups/users", "users", "groupUserInformation.json");
    public static readonly FolderKind ApiTags = Relation("apis/tags", "apis", "tagApiInformation.json");
    public static readonly FolderKind ProductTags = Relation("products/tags", "products", "tagProductInformation.json");
    public static readonly FolderKind OperationTags = Relation("apis/operations/tags", "tags", "operationTagInformation.json");

    public static readonly FolderKind Tags = new("tags", "tags", "tagInformation.json");

    public static readonly FolderKind Fragments = new("policyFragments", "policy fragments", "policyFragmentInformation.json")
    {
        Listing = Listing.Names,
        ReadOnly = Set("provisioningState"),
        HasPolicyText = true,
    };

    public static readonly FolderKind Users = new("users", "users", "userInformation.json")
    {
        ReadOnly = Set("groups", "registrationDate", "password", "confirmation", "appType"),
        Told = Set("registrationDate"),
        Restored = ["registrationDate"],
        IsAddition = true,
        Defaults = new() { ["state"] = "active" },
        IsPatched = true,
    };

    public static readonly FolderKind Certificates = new("certificates", "certificates", "certificateInformation.json")
    {
        ReadOnly = Set("subject", "expirationDate"),
        Told = Set("subject", "expirationDate"),
        Hidden = ["data", "password"],
        SecretsAction = "listSecrets",
        IsAddition = true,
    };

    public static readonly FolderKind Loggers = new("loggers", "loggers", "loggerInformation.json") { Defaults = new() { ["isBuffered"] = true } };

    public static readonly FolderKind Caches = new("caches", "caches", "cacheInformation.json") { IsAddition = true };

    public static readonly FolderKind Backends = new("backends", "backends", "backendInformation.json")
    {
        References = Set("id", "certificateIds"),
        Defaults = new() { ["type"] = "Single" },
        Shown = ["credentials.query.*.*", "credentials.header.*.*", "credentials.authorization.parameter", "proxy.password"],
    };

    public static readonly FolderKind Subscriptions = new("subscriptions", "subscriptions", "subscriptionInformation.json")
    {
        References = Set("scope", "ownerId"),
        ReadOnly = Set("createdDate", "startDate", "endDate", "notificationDate"),
        Told = Set("createdDate", "startDate", "endDate"),
        Restored = ["createdDate", "startDate", "endDate"],
        Defaults = new() { ["allowTracing"] = false, ["state"] = "submitted" },
        Hidden = ["primaryKey", "secondaryKey"],
        SecretsAction = "listSecrets",
        IsPatched = true,
    };

    public static readonly IReadOnlyList<FolderKind> All =
    [
        NamedValues,
        Tags,
        new("apiVersionSets", "version sets", "versionSetInformation.json") { Section = "versionSets" },
        Certificates,
        new("schemas", "schemas", "schemaInformation.json") { ReadOnly = Set("provisioningState"), Listing = Listing.Names, IsAddition = true },
        Groups,
        Users,
        GroupUsers,
        Loggers,
        Caches,
        Backends,
        Fragments,
        Gateways,
        Products,
        Apis,
        Schemas,
        Operations,
        Releases,
        ProductApis,
        ProductGroups,
        GatewayApis,
        new("gateways/hostnameConfigurations", "hostnameConfigurations", "hostnameConfigurationInformation.json")
        {
            IsAddition = true,
            References = Set("certificateId"),
            Defaults = new() { ["negotiateClientCertificate"] = false, ["tls10Enabled"] = false, ["tls11Enabled"] = false, ["http2Enabled"] = true },
        },
        new("gateways/certificateAuthorities", "certificateAuthorities", "certificateAuthorityInformation.json")
        {
            IsAddition = true,
            Defaults = new() { ["isTrusted"] = false },
        },
        ApiTags,
        ProductTags,
        OperationTags,
        Diagnostic("diagnostics"),
        Diagnostic("apis/diagnostics"),
        Policy("policies"),
        Policy("products/policies"),
        Policy("apis/policies"),
        Policy("apis/operations/policies"),
        Subscriptions,
    ];

    private static readonly Dictionary<string, FolderKind> ByType = All.ToDictionary(kind => kind.Type, StringComparer.OrdinalIgnoreCase);

    /// <summary>Kinds directly below another; those below the service for an empty type.</summary>
    public static IEnumerable<FolderKind> Below(string type) => All.Where(kind => kind.Parent == type);

    public static FolderKind Of(string type) => ByType[type];

    /// <summary>Place in the order of writing.</summary>
    public static int Order(FolderKind kind) => Array.IndexOf((FolderKind[])[.. All], kind);

    private static FolderKind Relation(string type, string folder, string file) => new(type, folder, file)
    {
        Listing = Listing.Relation,
        IsAddition = type is "groups/users" or "apis/operations/tags",
    };

    private static FolderKind Diagnostic(string type) => new(type, "diagnostics", "diagnosticInformation.json") { References = Set("loggerId") };

    private static FolderKind Policy(string type) => new(type, "", PolicyFile) { Listing = Listing.Policy, HasPolicyText = true };

    private static HashSet<string> Set(params string[] names) => [.. names];
}
