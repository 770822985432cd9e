using System.Text;
using Postern.ControlPlane.Resources;
using Postern.ControlPlane.Tests.Conformance;
using Postern.Testing;

namespace Postern.ControlPlane.Tests.Resources;

/// <summary>docs/management-api.md is written from the kinds themselves.</summary>
public sealed class ManagementApiDocument
{
    private const string Space = "Microsoft.ApiManagement/";

    [Fact]
    public void Management_api_md_is_current() => GeneratedDocument.Check("docs/management-api.md", Create());

    private static string Create()
    {
        var text = new StringBuilder("""
            # The management API

            Azure Resource Manager's contract for `Microsoft.ApiManagement` and `Microsoft.Authorization`, so that existing tools work
            unchanged. This page is generated from the kinds of resources that the server has.

            Base: `/subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.ApiManagement/service/{service}`, below written
            as `{service}`. Every call needs a bearer token, a role with the action, and `api-version`.

            ## Protocol

            | | |
            |---|---|
            | Paths | any case, doubled slashes, `%3B`; answers keep the casing of the resource's creator |
            | Bodies | JSON objects up to 4 MiB, 10 MiB with a definition to import; members that are not known are kept |
            | PUT | 201 new, 200 replaced; with an `If-Match` tag 412 when it is not the resource's; `*` creates too |
            | PATCH | JSON merge patch; `If-Match` needed (428): a tag, or `*` |
            | DELETE | 200 (204 for APIs and users), 204 when there is nothing; `If-Match` honoured when given |
            | Lists | `$top` (100 unless told, at most 1000), `$skip`, `$filter`, `count`, absolute `nextLink`; ordered by name |
            | Errors | `{"error":{"code","message","target","details":[{"code","target","message","diagnostic","line","column","path"}],"diagnostic"}}` |
            | Long operations | writes of services, APIs, schemas, named values, fragments and users are answered when they are done; after 10 seconds, or at once with `Prefer: respond-async` (`wait=seconds`), with 202, `Location`, `Azure-AsyncOperation` and `Retry-After`. How they stand is kept for a day |
            | Filters | comparisons, `and`, `or`, `not`, `contains`, `substringof`, `startswith`, `endswith`, `any`, `all`; in large collections use equality or one of the text functions on a member of the contract's filter table: those are indexed |
            | Tags | `tags` on the lists of APIs, operations and products shows their tags; names in it, separated by commas, limit the list to what has one of them. `includeNotTaggedApis`, `includeNotTaggedOperations`, `includeNotTaggedProducts` on the lists by tags; `scope` on `tags` |
            | Expansion | `expandApiVersionSet` on APIs, `expandGroups` on products and users |
            | `$orderby` | policy fragments: members with `asc` or `desc` |
            | What the caller may not read | lists of a subscription or group leave out what the caller may not read; without any role in the scope they are refused |
            | Secrets | encrypted at rest, never in GET or lists, only through the action that lists them; a PUT without them keeps them |


            """);
        text.Append($"Supported api-versions: {string.Join(", ", ApiVersions.ApiManagement)}.\n\n## Kinds\n\n");
        text.Append("| Kind | Verbs | Actions (POST) | Required | Secret |\n|---|---|---|---|---|\n");
        foreach (var kind in KindCatalog.Create(null!).All.Where(kind => kind.Verbs != Verbs.None).OrderBy(kind => kind.Type, StringComparer.Ordinal))
        {
            var required = kind.Members.Where(member => member.IsRequired).Select(member => $"`{member.Name}`");
            var secrets = kind.Secrets(new() { ["secret"] = true }).Where(path => !path.Shown).Select(path => $"`{string.Join('.', path.Steps)}`");
            text.Append($"| `{Name(kind)}` | {VerbsOf(kind)} | {string.Join(", ", kind.Actions.Keys.Order(StringComparer.Ordinal))} | {string.Join(", ", required)} | {string.Join(", ", secrets)} |\n");
        }

        text.Append("\n`Microsoft.Authorization` is served at every scope: `roleDefinitions`, `roleAssignments`, `denyAssignments`, `permissions`; at the tenant `providerOperations`.\n");
        text.Append("Without a kind: `/subscriptions`, `/tenants`, providers, `checkNameAvailability`, operation statuses and results, and, without a token, `/metadata/endpoints`.\n");
        text.Append("\n## Ours alone\n\nTwo actions that the contract does not have, so that a backup can be whole ([config.md](config.md)). Writing a resource does not\n");
        text.Append("include them; a role needs the action itself. `POST {service}/certificates/{id}/listSecrets` answers the certificate's file and its\n");
        text.Append("password; it is a *data action*, which no built-in role has, not even Owner. `POST …/restore` takes back what a service otherwise sets by itself: `createdDate`, `startDate` and `endDate` of\n");
        text.Append("subscriptions, `registrationDate` of users, the two keys of gateways.\n");
        text.Append("\n## Deleted services\n\nDELETE of a service can be taken back for 48 hours. Until then all that was in it is kept (secrets as they are stored: encrypted),\n");
        text.Append("its name is taken (409 `ServiceAlreadyExistsInSoftDeletedState`), its gateways are refused and serve on with what they have. `PUT` of the\n");
        text.Append("service with `restore: true` brings it back, whatever else the body says: with its keys, roles and managed identity, so that gateways go on as\n");
        text.Append("before. `DELETE …/locations/{location}/deletedservices/{service}` purges it: rows, secrets, the identity and all that its gateways ever reported. What\n");
        text.Append("nobody restores is purged by itself. Roles need `Microsoft.ApiManagement/deletedservices/read` (list of a subscription),\n");
        text.Append("`Microsoft.ApiManagement/locations/deletedservices/read` and `…/delete` at the subscription; the right to delete a service does not\n");
        text.Append("include the purge. With an api-version before 2020-06-01-preview a deletion is for good.\n");
        text.Append("\n## Import\n\n`PUT` of an API with `format` and `value`: OpenAPI 2.0 to 3.2 (`openapi`, `openapi+json`, `swagger-json` and their links; JSON or YAML),\n");
        text.Append("WSDL 1.1 for pass-through (`wsdl`, `wsdl-link`), proto files (`grpc`, `grpc-link`), GraphQL schemas (`graphql-link`). Links are fetched with limits:\n");
        text.Append("10 MiB, 30 seconds, no private addresses unless the options allow them. `GET …/apis/{id}?export=true&format=openapi-link`\n");
        text.Append("(`openapi+json-link`, `swagger-link`) answers with a link that needs no token for five minutes.\n");
        text.Append("\n## Extensions\n\nLists below a gateway that the contract does not have. `$filter`, `$top` and `$skip` work as everywhere.\n\n| List | Shows | Parameters |\n|---|---|---|\n");
        text.Append("| `{service}/gateways/{id}/instances` | processes that run as the gateway, from their heartbeats | |\n");
        text.Append("| `{service}/gateways/{id}/access` | why principals may or may not have its configuration | `principalId`: one of them, else those who asked within the last hour |\n");
        text.Append("| `{service}/gateways/{id}/events` | what happened at its instances, newest first; the newest 500 of each type, 30 days | `timespan`: a duration (`PT1H`) or two times with a slash between |\n");
        text.Append("| `{service}/gateways/{id}/metrics` | sums over its instances: `count`, `total`, `average`, `minimum`, `maximum` by dimensions | `timespan` (`PT1H` unless told), `interval`: `PT1M` (six hours back, unless told) or `PT1H` (31 days), `metricnames`: separated by commas |\n");
        text.Append("\n[tracing.md](tracing.md) shows how a request is traced with `listDebugCredentials` and `listTrace`.\n");
        text.Append("\n## Differences\n\nOfficial examples that don't hold here, and why. Every other official example is replayed as a test.\n\n| Example | Reason |\n|---|---|\n");
        foreach (var (file, reason) in Examples.NotReplayed.Where(example => example.Value is not (Examples.InAccess or Examples.InOperations)).OrderBy(example => example.Key, StringComparer.Ordinal))
        {
            text.Append($"| {file} | {reason} |\n");
        }

        return text.ToString();
    }

    private static string Name(ResourceKind kind) =>
        kind.Type.StartsWith(Space + "service/", StringComparison.Ordinal) ? "{service}/" + kind.Type[(Space.Length + "service/".Length)..] : kind.Type;

    private static string VerbsOf(ResourceKind kind)
    {
        (Verbs Verb, string Name)[] names = [(Verbs.List, "list"), (Verbs.Get, "GET, HEAD"), (Verbs.Put, "PUT"), (Verbs.Patch, "PATCH"), (Verbs.Delete, "DELETE")];
        return string.Join(", ", names.Where(name => kind.Verbs.HasFlag(name.Verb)).Select(name => name.Name));
    }
}
