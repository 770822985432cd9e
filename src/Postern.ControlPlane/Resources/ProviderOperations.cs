using System.Text.Json.Nodes;

namespace Postern.ControlPlane.Resources;

/// <summary>
/// The operations that roles can name, made from the kinds: <c>providerOperations</c> for tools that write role definitions, and the
/// provider's own flat list.
/// </summary>
internal sealed class ProviderOperations(KindIndex kinds)
{
    private static readonly Dictionary<string, string[]> Authorization = new()
    {
        ["Microsoft.Authorization/roleDefinitions"] = ["read", "write", "delete"],
        ["Microsoft.Authorization/roleAssignments"] = ["read", "write", "delete"],
        ["Microsoft.Authorization/denyAssignments"] = ["read", "write", "delete"],
        ["Microsoft.Authorization/permissions"] = ["read"],
        ["Microsoft.Authorization/providerOperations"] = ["read"],
    };

    private static readonly string[] Namespaces = ["Microsoft.ApiManagement", "Microsoft.Authorization", "Microsoft.Resources"];

    /// <param name="expand"><c>resourceTypes</c> for the operations of each type too.</param>
    public JsonObject All(string? expand) => new() { ["value"] = new JsonArray([.. Namespaces.Select(space => Show(space, expand))]) };

    public JsonObject? Find(string space, string? expand) =>
        Namespaces.FirstOrDefault(name => string.Equals(name, space, StringComparison.OrdinalIgnoreCase)) is { } known ? Show(known, expand) : null;

    /// <summary>The list below the provider itself.</summary>
    public JsonObject Flat(string space) => new()
    {
        ["value"] = new JsonArray([.. Types(space).SelectMany(type => type.Operations).Select(one => new JsonObject
        {
            ["name"] = one.Name,
            ["isDataAction"] = one.IsData,
            ["origin"] = "system",
            ["display"] = new JsonObject { ["provider"] = space, ["resource"] = one.Type, ["operation"] = one.Title, ["description"] = one.Title },
        })]),
    };

    private JsonObject Show(string space, string? expand)
    {
        var shown = new JsonObject
        {
            ["id"] = $"/providers/Microsoft.Authorization/providerOperations/{space}",
            ["name"] = space,
            ["type"] = "Microsoft.Authorization/providerOperations",
            ["displayName"] = space,
            ["operations"] = new JsonArray(),
        };
        if (string.Equals(expand, "resourceTypes", StringComparison.OrdinalIgnoreCase))
        {
            shown["resourceTypes"] = new JsonArray([.. Types(space).Select(type => new JsonObject
            {
                ["name"] = type.Name,
                ["displayName"] = type.Name,
                ["operations"] = new JsonArray([.. type.Operations.Select(one => new JsonObject
                {
                    ["name"] = one.Name,
                    ["displayName"] = one.Title,
                    ["description"] = one.Title,
                    ["origin"] = "user,system",
                    ["isDataAction"] = one.IsData,
                })]),
            })]);
        }

        return shown;
    }

    private IEnumerable<(string Name, List<Operation> Operations)> Types(string space)
    {
        var prefix = space + "/";
        var all = space == "Microsoft.Authorization"
            ? Authorization.SelectMany(type => type.Value.Select(verb => Describe(space, type.Key, verb)))
            : kinds.All.Where(kind => kind.ActionType.StartsWith(prefix, StringComparison.Ordinal)).SelectMany(kind => Of(space, kind));
        return from operation in all.Append(GatewayConfiguration).Where(one => one.Name.StartsWith(prefix, StringComparison.Ordinal))
               group operation by operation.Type into type
               orderby type.Key
               select (type.Key, type.DistinctBy(one => one.Name).ToList());
    }

    /// <summary>What a gateway's principal needs.</summary>
    private static Operation GatewayConfiguration { get; } = new(
        "service/gateways", ConfigurationApi.ConfigurationRights.DataAction, "getConfiguration/action on service/gateways", IsData: true);

    private static IEnumerable<Operation> Of(string space, ResourceKind kind)
    {
        var verbs = kind.Verbs;
        if ((verbs & (Verbs.Get | Verbs.List)) != 0)
        {
            yield return Describe(space, kind.ActionType, "read");
        }

        if ((verbs & (Verbs.Put | Verbs.Patch)) != 0)
        {
            yield return Describe(space, kind.ActionType, "write");
        }

        if (verbs.HasFlag(Verbs.Delete))
        {
            yield return Describe(space, kind.ActionType, "delete");
        }

        foreach (var action in kind.Actions.Keys.Order(StringComparer.Ordinal))
        {
            yield return Describe(space, kind.ActionType, $"{action}/action", kind.DataActions.Contains(action));
        }
    }

    private static Operation Describe(string space, string type, string verb, bool isData = false) =>
        new(type[(space.Length + 1)..], $"{type}/{verb}", $"{verb} on {type[(space.Length + 1)..]}", isData);

    private sealed record Operation(string Type, string Name, string Title, bool IsData);
}
