using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace Postern.ControlPlane.Resources;

/// <summary><c>GET /metadata/endpoints</c>: how <c>az cloud register</c> and the SDKs find the token service and their audiences.</summary>
internal static class CloudMetadata
{
    /// <summary>Versions from this one on answer with a list.</summary>
    private const string ListSince = "2019-05-01";

    public static JsonNode Create(ControlPlaneOptions options, HttpRequest request, string? version)
    {
        var arm = $"{request.Scheme}://{request.Host}/";
        var authority = options.Authority.AbsoluteUri;
        var authentication = new JsonObject
        {
            ["loginEndpoint"] = authority,
            ["audiences"] = new JsonArray(arm, "https://management.azure.com/", "https://management.core.windows.net/"),
            ["tenant"] = "common",
            ["identityProvider"] = "AAD",
        };
        if (string.CompareOrdinal(version, ListSince) < 0)
        {
            return new JsonObject
            {
                ["galleryEndpoint"] = arm,
                ["graphEndpoint"] = authority,
                ["portalEndpoint"] = arm,
                ["graphAudience"] = authority,
                ["authentication"] = authentication,
            };
        }

        return new JsonArray(new JsonObject
        {
            ["name"] = "Postern",
            ["portal"] = arm,
            ["authentication"] = authentication,
            ["resourceManager"] = arm,
            ["media"] = arm,
            ["graph"] = authority,
            ["graphAudience"] = authority,
            ["microsoftGraphResourceId"] = authority,
            ["gallery"] = arm,
            ["batch"] = arm,
            ["vmImageAliasDoc"] = arm,
            ["sqlManagement"] = arm,
            ["activeDirectoryDataLake"] = arm,
            ["suffixes"] = new JsonObject
            {
                ["keyVaultDns"] = "vault.azure.net",
                ["storage"] = "core.windows.net",
                ["sqlServerHostname"] = "database.windows.net",
                ["acrLoginServer"] = "azurecr.io",
            },
        });
    }
}
