using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Postern.ControlPlane.Access;
using Postern.ControlPlane.Resources.Apis;
using Postern.ControlPlane.Store;

namespace Postern.ControlPlane.Resources;

/// <summary>What clients ask before they come to resources: the cloud's endpoints, tenants, subscriptions, providers.</summary>
internal sealed class TenantEndpoints(ControlPlaneOptions options, KindIndex kinds, IResourceStore store, IManagementAccess access, ApiExport export)
{
    private readonly ProviderOperations _operations = new(kinds);

    /// <summary>Answers that need no token: clients read them to find out where tokens come from, or hold a link that is proof enough.</summary>
    public async ValueTask<ArmResponse?> AnonymousAsync(HttpRequest request, ArmPath path, ArmQuery query, CancellationToken cancellation) =>
        request.Method is not ("GET" or "HEAD") ? null
        : Is(path, "metadata", "endpoints") ? ArmResponse.Ok(CloudMetadata.Create(options, request, query.ApiVersion))
        : path.Segments is [var first, var token] && Is(first, ApiExport.Segment) ? await export.DownloadAsync(token, cancellation)
        : null;

    /// <returns>Null when the path is not one of these.</returns>
    public async ValueTask<ArmResponse?> RespondAsync(ArmCall call, CancellationToken cancellation)
    {
        var segments = call.Path.Segments;
        if (call.Method is not ("GET" or "HEAD"))
        {
            return await PostAsync(call, cancellation);
        }

        if (Is(call.Path, "tenants"))
        {
            return ArmResponse.Ok(List(new JsonObject
            {
                ["id"] = $"/tenants/{options.TenantId}",
                ["tenantId"] = options.TenantId,
                ["displayName"] = "Local directory",
                ["tenantCategory"] = "Home",
            }));
        }

        if (Is(call.Path, "subscriptions"))
        {
            var reached = await access.ReachesAsync(call.Caller, $"/subscriptions/{options.SubscriptionId}", cancellation);
            return ArmResponse.Ok(reached ? List(Subscription()) : List());
        }

        if (segments.Count > 0 && Is(segments[0], "providers"))
        {
            return AtTenant(call.Path.Segments, call.Query);
        }

        if (segments.Count < 2 || !Is(segments[0], "subscriptions") || !Is(segments[1], options.SubscriptionId))
        {
            return null;
        }

        return segments.Count switch
        {
            2 when await access.ReachesAsync(call.Caller, $"/subscriptions/{options.SubscriptionId}", cancellation) => ArmResponse.Ok(Subscription()),
            2 => await RefusalAsync(call, "Microsoft.Resources/subscriptions/read", $"/subscriptions/{options.SubscriptionId}", cancellation) ?? ArmResponse.Ok(Subscription()),
            3 when Is(segments[2], "locations") => ArmResponse.Ok(List(Location())),
            3 when Is(segments[2], "providers") => ArmResponse.Ok(List([.. ProviderCatalog.All(kinds, options.SubscriptionId)])),
            3 when Is(segments[2], "resources") =>
                await ResourcesAsync(call, "", "Microsoft.Resources/subscriptions/resources/read", cancellation),
            5 when Is(segments[2], "resourceGroups") && Is(segments[4], "resources") =>
                await ResourcesAsync(call, $"/subscriptions/{options.SubscriptionId}/resourceGroups/{segments[3]}", "Microsoft.Resources/subscriptions/resourceGroups/resources/read", cancellation),
            4 when Is(segments[2], "providers") => ProviderCatalog.Find(kinds, options.SubscriptionId, segments[3]) is { } provider
                ? ArmResponse.Ok(provider)
                : UnknownNamespace(segments[3]),
            _ => null,
        };
    }

    private async ValueTask<ArmResponse?> PostAsync(ArmCall call, CancellationToken cancellation)
    {
        var path = call.Path;
        if (call.Method != "POST" || path.Tail is not [var action] || !Is(action, "checkNameAvailability")
            || !Is(path.Namespace, "Microsoft.ApiManagement") || !ResourceIds.Same(path.Scope, $"/subscriptions/{options.SubscriptionId}"))
        {
            return null;
        }

        var body = await call.ReadBodyAsync(cancellation);
        if (body.Error is not null)
        {
            return body.Error;
        }

        var name = body.Value?.Text("name") ?? "";
        var problem = name.Length == 0 ? "The name must be given." : NameRules.Service.Problem(name);
        var taken = problem is null
            && (await IsTakenAsync(Services.ServiceKind.TypeName, name, cancellation) || await IsTakenAsync(DeletedServices.SoftDelete.TypeName, name, cancellation));
        return ArmResponse.Ok(new JsonObject
        {
            ["nameAvailable"] = problem is null && !taken,
            ["reason"] = problem is not null ? "Invalid" : taken ? "AlreadyExists" : "Valid",
            ["message"] = problem ?? (taken ? $"'{name}' is already in use." : ""),
        });
    }

    private async ValueTask<bool> IsTakenAsync(string type, string name, CancellationToken cancellation) =>
        (await store.ListNamedAsync("", type, name, cancellation)).Any(row => ResourceIds.Same(row.Name, name));

    /// <summary>Who may not read the whole scope, but has a role in it, is shown what it may read.</summary>
    private async ValueTask<ArmResponse> ResourcesAsync(ArmCall call, string groupId, string action, CancellationToken cancellation)
    {
        var scope = groupId.Length > 0 ? groupId : $"/subscriptions/{options.SubscriptionId}";
        var listing = new ResourceListing(store);
        if (await access.PermitsAsync(call.Caller, action, scope, cancellation))
        {
            return await listing.ListAsync(groupId, call.Query, null, cancellation);
        }

        return await access.ReachesAsync(call.Caller, scope, cancellation)
            ? await listing.ListAsync(groupId, call.Query, row => access.PermitsAsync(call.Caller, $"{row.Type}/read", row.Id, cancellation), cancellation)
            : await RefusalAsync(call, action, scope, cancellation) ?? await listing.ListAsync(groupId, call.Query, null, cancellation);
    }

    /// <summary>What the providers are and which operations roles can name; the same for everyone who has a token.</summary>
    private ArmResponse? AtTenant(IReadOnlyList<string> segments, ArmQuery query) => segments.Count switch
    {
        1 => ArmResponse.Ok(List([.. ProviderCatalog.All(kinds, options.SubscriptionId)])),
        2 => ProviderCatalog.Find(kinds, options.SubscriptionId, segments[1]) is { } provider ? ArmResponse.Ok(provider) : UnknownNamespace(segments[1]),
        3 when Is(segments[1], "Microsoft.ApiManagement") && Is(segments[2], "operations") => ArmResponse.Ok(_operations.Flat("Microsoft.ApiManagement")),
        3 or 4 when Is(segments[1], "Microsoft.Authorization") && Is(segments[2], "providerOperations") =>
            segments.Count == 3 ? ArmResponse.Ok(_operations.All(query["$expand"]))
            : _operations.Find(segments[3], query["$expand"]) is { } found ? ArmResponse.Ok(found)
            : UnknownNamespace(segments[3]),
        _ => null,
    };

    private static ArmError UnknownNamespace(string name) => new(404, "InvalidResourceNamespace", $"The resource namespace '{name}' is invalid.", name);

    private async ValueTask<ArmResponse?> RefusalAsync(ArmCall call, string action, string scope, CancellationToken cancellation) =>
        await access.AuthorizeAsync(call.Caller, action, scope, cancellation) is { } refusal
            ? (ArmResponse)new ArmError(refusal.Status, refusal.Code, refusal.Message, Diagnostic: refusal.Diagnostic)
            : null;

    private JsonObject Subscription() => new()
    {
        ["id"] = $"/subscriptions/{options.SubscriptionId}",
        ["authorizationSource"] = "RoleBased",
        ["subscriptionId"] = options.SubscriptionId,
        ["tenantId"] = options.TenantId,
        ["displayName"] = "Postern",
        ["state"] = "Enabled",
        ["managedByTenants"] = new JsonArray(),
        ["subscriptionPolicies"] = new JsonObject { ["locationPlacementId"] = "Public_2014-09-01", ["quotaId"] = "Internal_2014-09-01", ["spendingLimit"] = "Off" },
    };

    private JsonObject Location() => new()
    {
        ["id"] = $"/subscriptions/{options.SubscriptionId}/locations/local",
        ["name"] = "local",
        ["displayName"] = "Local",
        ["regionalDisplayName"] = "Local",
        ["type"] = "Region",
    };

    private static JsonObject List(params JsonObject[] items) => new() { ["value"] = new JsonArray([.. items]), ["count"] = new JsonObject { ["type"] = "Total", ["value"] = items.Length } };

    private static bool Is(ArmPath path, params ReadOnlySpan<string> literals)
    {
        if (path.Segments.Count != literals.Length)
        {
            return false;
        }

        for (var i = 0; i < literals.Length; i++)
        {
            if (!Is(path.Segments[i], literals[i]))
            {
                return false;
            }
        }

        return true;
    }

    private static bool Is(string segment, string literal) => string.Equals(segment, literal, StringComparison.OrdinalIgnoreCase);
}
