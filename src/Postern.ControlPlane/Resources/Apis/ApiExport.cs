using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Postern.ControlPlane.Import;

namespace Postern.ControlPlane.Resources.Apis;

/// <summary>
/// <c>GET apis/{id}?export=true&amp;format=…</c>: a link to the definition that needs no token for five minutes. The link is signed, not
/// stored: any replica serves it.
/// </summary>
internal sealed class ApiExport(KindServices services)
{
    /// <summary>First segment of the links' path.</summary>
    public const string Segment = "exports";

    private const int SignatureBytes = 32;

    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(5);

    /// <summary>The format asked for, and how the answer calls it.</summary>
    private static readonly Dictionary<string, string> Formats = new(StringComparer.OrdinalIgnoreCase)
    {
        ["openapi-link"] = "openapi-link",
        ["openapi+json-link"] = "openapi+json-link",
        ["swagger-link"] = "swagger-link-json",
    };

    public ValueTask<ArmResponse> LinkAsync(ResourceView view, CancellationToken cancellation)
    {
        if (view.Call.Query["format"] is not { } format || !Formats.TryGetValue(format, out var shown))
        {
            return new(ArmErrors.BadRequest($"'format' must be one of {string.Join(", ", Formats.Keys)}.", "format"));
        }

        var expiry = services.Time.GetUtcNow() + Lifetime;
        var claims = Encoding.UTF8.GetBytes($"{expiry.ToUnixTimeSeconds()}|{format.ToLowerInvariant()}|{view.Row.Id}");
        var token = Base64Url.EncodeToString([.. services.Protector.Sign(claims), .. claims]);
        return new(ArmResponse.Ok(new JsonObject
        {
            ["id"] = view.Row.Id,
            ["format"] = shown,
            ["value"] = new JsonObject { ["link"] = $"{view.Call.Origin}/{Segment}/{token}" },
        }));
    }

    /// <returns>The definition; 404 for a link that is forged, expired or leads to nothing any more.</returns>
    public async ValueTask<ArmResponse> DownloadAsync(string token, CancellationToken cancellation)
    {
        if (Read(token) is not var (format, id) || await services.Store.FindAsync(id, cancellation) is not { } api)
        {
            return new ArmError(404, "ResourceNotFound", "The link is not valid, has expired, or its API is gone.");
        }

        var document = await OpenApiExport.CreateAsync(services.Store, api, cancellation);
        return new ArmResponse(200)
        {
            Document = format switch
            {
                "openapi-link" => ("application/vnd.oai.openapi; charset=utf-8", JsonToYaml.Write(document)),
                "swagger-link" => ("application/json; charset=utf-8", await OpenApiExport.AsSwaggerAsync(document, cancellation)),
                _ => ("application/vnd.oai.openapi+json; charset=utf-8", document.ToJsonString(ArmJson.Options)),
            },
        };
    }

    private (string Format, string Id)? Read(string token)
    {
        if (!Base64Url.IsValid(token))
        {
            return null;
        }

        var bytes = Base64Url.DecodeFromChars(token);
        if (bytes.Length <= SignatureBytes)
        {
            return null;
        }

        var claims = bytes.AsSpan(SignatureBytes);
        if (!CryptographicOperations.FixedTimeEquals(bytes.AsSpan(0, SignatureBytes), services.Protector.Sign(claims)))
        {
            return null;
        }

        var parts = Encoding.UTF8.GetString(claims).Split('|', 3);
        return parts.Length == 3 && long.TryParse(parts[0], out var expiry) && services.Time.GetUtcNow().ToUnixTimeSeconds() <= expiry ? (parts[1], parts[2]) : null;
    }
}
