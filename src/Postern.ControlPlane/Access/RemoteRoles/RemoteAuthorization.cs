using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Nodes;
using Postern.ControlPlane.Access.Arm;

namespace Postern.ControlPlane.Access.RemoteRoles;

/// <summary>Lists <c>Microsoft.Authorization</c> collections of a remote Azure Resource Manager, all pages of them.</summary>
internal sealed class RemoteAuthorization(HttpClient client, Uri source)
{
    private const string ApiVersion = "2022-04-01";
    private const int MostPages = 200;
    private const int MostBytes = 16 << 20;

    private readonly Uri _source = new(source.AbsoluteUri.TrimEnd('/') + "/");

    /// <param name="type">Such as <c>Microsoft.Authorization/roleAssignments</c>.</param>
    public async ValueTask<RemoteList> ListAsync(string scope, string type, string token, CancellationToken cancellation)
    {
        var items = new List<JsonObject>();
        var next = new Uri(_source, $"{Escape(scope)}/providers/{type}?api-version={ApiVersion}");
        for (var page = 0; page < MostPages; page++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, next);
            request.Headers.Authorization = new(BearerScheme.Name, token);
            using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation);
            await response.Content.LoadIntoBufferAsync(MostBytes, cancellation);
            var body = await ReadAsync(response, cancellation);
            if (response.StatusCode != HttpStatusCode.OK)
            {
                return new([], response.StatusCode, RoleBodies.Text(body?["error"]?["message"]) ?? response.ReasonPhrase ?? "");
            }

            items.AddRange((body?["value"] as JsonArray ?? []).OfType<JsonObject>());
            if (RoleBodies.Text(body?["nextLink"]) is not { Length: > 0 } link)
            {
                return new(items, HttpStatusCode.OK, "");
            }

            // The token goes only where it is meant to go.
            if (!Uri.TryCreate(link, UriKind.Absolute, out var following) || following.GetLeftPart(UriPartial.Authority) != _source.GetLeftPart(UriPartial.Authority))
            {
                return new([], HttpStatusCode.BadGateway, "a next page is on another host");
            }

            next = following;
        }

        return new([], HttpStatusCode.BadGateway, $"there are more than {MostPages} pages");
    }

    private static string Escape(string scope) => string.Join('/', scope.Split('/', StringSplitOptions.RemoveEmptyEntries).Select(Uri.EscapeDataString));

    private static async ValueTask<JsonObject?> ReadAsync(HttpResponseMessage response, CancellationToken cancellation)
    {
        try
        {
            return await JsonNode.ParseAsync(await response.Content.ReadAsStreamAsync(cancellation), cancellationToken: cancellation) as JsonObject;
        }
        catch (JsonException) when (response.StatusCode != HttpStatusCode.OK)
        {
            return null;
        }
    }
}

/// <param name="Message">The remote's words with a status other than 200.</param>
internal sealed record RemoteList(IReadOnlyList<JsonObject> Items, HttpStatusCode Status, string Message);
