using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Postern.Authority.Tenancy;

namespace Postern.Authority.Graph;

/// <summary>One authenticated Graph request. Everything it sees is of the caller's tenant.</summary>
internal sealed record GraphCall(HttpContext Context, ServicePrincipal Caller, DirectoryState Directory, JsonObject Body)
{
    private const int MaxDepth = 32;

    public string TenantId => Caller.TenantId;

    public string Route(string name) => (string?)Context.GetRouteValue(name) ?? "";

    public string? Query(string name) => Context.Request.Query[name] is [{ Length: > 0 } value] ? value : null;

    public bool Mine(string tenantId) => string.Equals(tenantId, TenantId, StringComparison.OrdinalIgnoreCase);

    /// <returns>An empty object for an empty body; null for what isn't one JSON object.</returns>
    public static async ValueTask<JsonObject?> ReadBodyAsync(HttpContext context)
    {
        var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        if (body.Length == 0)
        {
            return [];
        }

        using var json = SoundJson.ParseObject(body.ToArray(), MaxDepth);
        return json is null ? null : JsonObject.Create(json.RootElement.Clone());
    }
}
