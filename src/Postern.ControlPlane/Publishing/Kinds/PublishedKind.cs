using Postern.Snapshots;

namespace Postern.ControlPlane.Publishing.Kinds;

/// <summary>A kind of resource of which each row becomes one entity: how it is read, and which gateways need it.</summary>
internal abstract class PublishedKind
{
    /// <summary>Resource type below the service: <c>/loggers</c>, <c>/gateways/hostnameConfigurations</c>.</summary>
    public abstract string Type { get; }

    /// <summary>Names that a policy document or fragment mentions of this kind; <see cref="DocumentMentions.Any"/> when it computes one.</summary>
    public virtual IEnumerable<string> NamedIn(string document) => [];

    /// <returns>Null when gateways have no use for this resource.</returns>
    public abstract SnapshotEntity? Read(PublishedRow row);

    /// <summary>Whether a gateway is given this one. Kinds are asked in the order of <see cref="PublishedKinds.All"/>.</summary>
    public abstract bool IsNeeded(ModelPart part, GatewayNeeds needs);

    /// <summary>What a gateway is given of one that it needs. The same for the same, so that hashes are computed once.</summary>
    public virtual Published For(ModelPart part, GatewayNeeds needs) => part.Entity;
}
