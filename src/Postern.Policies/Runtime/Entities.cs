// The documented entity types keep their documented names, because expressions cast to them.
namespace Postern.Policies.Runtime;

public interface IApi
{
    string Id { get; }

    string Name { get; }

    string Path { get; }

    IEnumerable<string> Protocols { get; }

    IUrl? ServiceUrl { get; }

    ISubscriptionKeyParameterNames SubscriptionKeyParameterNames { get; }

    bool IsCurrentRevision { get; }

    string Revision { get; }

    string? Version { get; }
}

public interface ISubscriptionKeyParameterNames
{
    string Header { get; }

    string Query { get; }
}

public interface IOperation
{
    string Id { get; }

    string Method { get; }

    string Name { get; }

    string UrlTemplate { get; }
}

public interface IProduct
{
    string Id { get; }

    string Name { get; }

    bool ApprovalRequired { get; }

    bool SubscriptionRequired { get; }

    ProductState State { get; }

    int? SubscriptionLimit { get; }

    int? SubscriptionsLimit { get; }

    IEnumerable<IGroup> Groups { get; }

    IEnumerable<IApi> Apis { get; }
}

public enum ProductState
{
    NotPublished,
    Published,
}

public interface IGroup
{
    string Id { get; }

    string Name { get; }
}

public interface ISubscription
{
    string Id { get; }

    string Name { get; }

    string Key { get; }

    string PrimaryKey { get; }

    string SecondaryKey { get; }

    DateTime CreatedDate { get; }

    DateTime CreatedTime { get; }

    DateTime? StartDate { get; }

    DateTime? EndDate { get; }
}

public interface IUser
{
    string Id { get; }

    string Email { get; }

    string FirstName { get; }

    string LastName { get; }

    string Note { get; }

    DateTime RegistrationDate { get; }

    IEnumerable<IGroup> Groups { get; }

    IEnumerable<IUserIdentity> Identities { get; }
}

public interface IUserIdentity
{
    string Id { get; }

    string Provider { get; }
}

public interface IDeployment
{
    IGatewayInfo Gateway { get; }

    string GatewayId { get; }

    string Region { get; }

    string ServiceId { get; }

    string ServiceName { get; }

    IReadOnlyDictionary<string, System.Security.Cryptography.X509Certificates.X509Certificate2> Certificates { get; }
}

public interface IGatewayInfo
{
    string Id { get; }

    string InstanceId { get; }

    bool IsManaged { get; }
}

public interface IUrl
{
    string Scheme { get; }

    string Host { get; }

    int Port { get; }

    string Path { get; }

    string QueryString { get; }

    IReadOnlyDictionary<string, string[]> Query { get; }
}
