using System.Security.Cryptography.X509Certificates;
using Postern.Policies.Expressions;
using Postern.Policies.Runtime;

namespace Postern.Policies.Testing;

/// <summary>The API, operation, product… that a case runs in; block <c>--- context</c> changes them.</summary>
internal sealed class CaseEntities(IReadOnlyDictionary<string, string> facts)
{
    public string? this[string name, string? fallback = null] =>
        facts.TryGetValue(name, out var value) ? (value == "none" ? null : value) : fallback;

    public void PutInto(PolicyContext context, CaseSecrets secrets)
    {
        var address = new Uri(this["service-url", "https://backend.example"] ?? "https://backend.example");
        context.Api = this["api", "echo"] is { } api ? new CaseApi(api, this["api-name", api]!, this["api-path", api]!, address, this["api-version"]) : null;
        context.Operation = this["operation", "get"] is { } operation
            ? new CaseOperation(operation, this["operation-name", operation]!, context.Request.Method, this["url-template", "/*"]!)
            : null;
        context.Product = this["product"] is { } product ? new CaseProduct(product, this["product-name", product]!) : null;
        context.Subscription = this["subscription", "case"] is { } subscription ? new CaseSubscription(subscription, this["subscription-key", "key"]!) : null;
        context.User = this["user"] is { } user ? new CaseUser(user, this["user-email", $"{user}@example.com"]!, [.. (this["user-groups"] ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries)]) : null;
        context.Deployment = new CaseDeployment(this["region", "local"]!, facts.Where(fact => fact.Key.StartsWith("certificate.", StringComparison.Ordinal))
            .ToDictionary(fact => fact.Key["certificate.".Length..], fact => secrets.Certificate(fact.Value)));
        context.Request.Certificate = this["client-certificate"] is { } client ? secrets.Certificate(client) : null;
        context.Request.IpAddress = this["ip", "203.0.113.7"] ?? "";
        context.Request.MatchedParameters = facts.Where(fact => fact.Key.StartsWith("parameter.", StringComparison.Ordinal))
            .ToDictionary(fact => fact.Key["parameter.".Length..], fact => fact.Value);
        foreach (var (name, value) in facts.Where(fact => fact.Key.StartsWith("variable.", StringComparison.Ordinal)))
        {
            context.Variables.Set(name["variable.".Length..], value);
        }

        context.Request.Backend = context.Request.Backend with { Base = this["service-url", "https://backend.example"] is null ? null : address };
    }

    private sealed record CaseApi(string Id, string Name, string Path, Uri Address, string? Version) : IApi, ISubscriptionKeyParameterNames
    {
        public IEnumerable<string> Protocols => ["https"];

        public IUrl ServiceUrl => new UrlView(new RequestUrl(Address.Scheme, Address.Host, Address.Port, Address.AbsolutePath, Address.Query));

        public ISubscriptionKeyParameterNames SubscriptionKeyParameterNames => this;

        public string Header => "Ocp-Apim-Subscription-Key";

        public string Query => "subscription-key";

        public bool IsCurrentRevision => true;

        public string Revision => "1";
    }

    private sealed record CaseOperation(string Id, string Name, string Method, string UrlTemplate) : IOperation;

    private sealed record CaseProduct(string Id, string Name) : IProduct
    {
        public bool ApprovalRequired => false;

        public bool SubscriptionRequired => true;

        public ProductState State => ProductState.Published;

        public int? SubscriptionLimit => null;

        public int? SubscriptionsLimit => null;

        public IEnumerable<IGroup> Groups => [];

        public IEnumerable<IApi> Apis => [];
    }

    private sealed record CaseSubscription(string Id, string Key) : ISubscription
    {
        public string Name => Id;

        public string PrimaryKey => Key;

        public string SecondaryKey => $"{Key}-2";

        public DateTime CreatedDate => new(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc);

        public DateTime CreatedTime => CreatedDate;

        public DateTime? StartDate => CreatedDate;

        public DateTime? EndDate => null;
    }

    private sealed record CaseUser(string Id, string Email, string[] GroupNames) : IUser
    {
        public string FirstName => Id;

        public string LastName => "Case";

        public string Note => "";

        public DateTime RegistrationDate => new(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc);

        public IEnumerable<IGroup> Groups => GroupNames.Select(name => new CaseGroup(name));

        public IEnumerable<IUserIdentity> Identities => [];
    }

    private sealed record CaseGroup(string Name) : IGroup
    {
        public string Id => Name;
    }

    private sealed record CaseDeployment(string Region, IReadOnlyDictionary<string, X509Certificate2> Certificates) : IDeployment, IGatewayInfo
    {
        public IGatewayInfo Gateway => this;

        public string Id => "case-gateway";

        public string GatewayId => Id;

        public string InstanceId => "case-instance";

        public bool IsManaged => false;

        public string ServiceId => "/subscriptions/s/resourceGroups/g/providers/Microsoft.ApiManagement/service/contoso";

        public string ServiceName => "contoso";
    }
}
