using System.Collections.Frozen;
using System.Reflection;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Postern.Portal.Web;

/// <summary>Style, script and icon, embedded in this assembly. The sign-in page needs them too, so no session is asked for.</summary>
internal static class AssetEndpoints
{
    private static readonly FrozenDictionary<string, Asset> Assets = Load().ToFrozenDictionary(asset => asset.Name, StringComparer.Ordinal);

    /// <summary>The address of an asset; its hash makes it one that may be kept for ever.</summary>
    public static string Address(string name) => $"/assets/{name}?v={Assets[name].Hash}";

    public static void MapAssets(this IEndpointRouteBuilder routes) => routes.MapGet("/assets/{name}", Serve).AllowAnonymous();

    private static IResult Serve(string name, HttpContext context)
    {
        if (!Assets.TryGetValue(name, out var asset))
        {
            return Results.NotFound();
        }

        context.Response.Headers.CacheControl = context.Request.Query["v"] == asset.Hash ? "public, max-age=31536000, immutable" : "no-cache";
        return Results.Bytes(asset.Bytes, asset.ContentType);
    }

    private static IEnumerable<Asset> Load()
    {
        const string Prefix = "assets/";
        var assembly = Assembly.GetExecutingAssembly();
        foreach (var resource in assembly.GetManifestResourceNames().Where(name => name.StartsWith(Prefix, StringComparison.Ordinal)))
        {
            using var stream = assembly.GetManifestResourceStream(resource)!;
            var bytes = new byte[stream.Length];
            stream.ReadExactly(bytes);
            var type = Path.GetExtension(resource) switch
            {
                ".css" => "text/css; charset=utf-8",
                ".js" => "text/javascript; charset=utf-8",
                ".svg" => "image/svg+xml",
                var other => throw new InvalidOperationException($"No content type is known for {other}."),
            };
            yield return new(resource[Prefix.Length..], bytes, type, Convert.ToHexStringLower(SHA256.HashData(bytes))[..16]);
        }
    }

    private sealed record Asset(string Name, byte[] Bytes, string ContentType, string Hash);
}
