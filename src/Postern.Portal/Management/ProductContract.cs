namespace Postern.Portal.Management;

public sealed record ProductContract(string Id, string Name, ProductPropertiesContract? Properties);

public sealed record ProductPropertiesContract(string? DisplayName, string? Description, string? State, bool? SubscriptionRequired, bool? ApprovalRequired)
{
    internal string StateText => State switch
    {
        "published" => "published",
        "notPublished" => "not published",
        _ => State ?? "–",
    };

    internal string SubscriptionText => (SubscriptionRequired, ApprovalRequired) switch
    {
        (false, _) => "not required",
        (_, true) => "required, with approval",
        _ => "required",
    };
}

/// <summary>A subscription without its keys: lists never carry them.</summary>
public sealed record SubscriptionContract(string Id, string Name, SubscriptionPropertiesContract? Properties);

/// <param name="Scope">A product, an API or all APIs, as a full id or relative to the service.</param>
public sealed record SubscriptionPropertiesContract(string? DisplayName, string? State, string? Scope);
