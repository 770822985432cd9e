using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using Postern.Hosting;

namespace Postern.ControlPlane.Access.Groups;

/// <summary>
/// Calls the directory's Graph with this control plane's own credential. Entra's Graph is at graph.microsoft.com; the local authority
/// serves the slice of it that is needed under its own address.
/// </summary>
internal sealed class GraphClient(HttpClient client, Uri authority, string tenantId, ClientCredential credential, TimeProvider time) : IDisposable
{
    private const string Scope = "https://graph.microsoft.com/.default";
    private const int MostBytes = 4 << 20;

    /// <summary>A token is renewed this long before it ends.</summary>
    private static readonly TimeSpan Ahead = TimeSpan.FromMinutes(5);

    private readonly SemaphoreSlim _renewing = new(1, 1);
    private readonly Uri _graph = authority.Host == "login.microsoftonline.com" ? new("https://graph.microsoft.com/") : authority;
    private (string Token, DateTimeOffset Until)? _token;

    /// <param name="path">Below the version, such as <c>directoryObjects/{id}/getMemberGroups</c>.</param>
    /// <param name="body">Null for a GET.</param>
    public async ValueTask<GraphOutcome> CallAsync(string path, JsonObject? body, CancellationToken cancellation)
    {
        try
        {
            if (await TokenAsync(cancellation) is not { } token)
            {
                return new(null, "the authority refused a token for the directory");
            }

            using var request = new HttpRequestMessage(body is null ? HttpMethod.Get : HttpMethod.Post, new Uri(_graph, "v1.0/" + path));
            request.Headers.Authorization = new(BearerScheme.Name, token);
            request.Content = body is null ? null : JsonContent.Create(body);
            using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation);
            if (response.StatusCode == HttpStatusCode.Unauthorized)
            {
                _token = null;
            }

            return response.IsSuccessStatusCode ? new(await ReadAsync(response, cancellation), null)
                : response.StatusCode == HttpStatusCode.NotFound ? new(null, null)
                : new(null, $"the directory answered {(int)response.StatusCode}");
        }
        catch (Exception error) when (error is HttpRequestException or IOException or JsonException
            || (error is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            return new(null, error.Message);
        }
    }

    public void Dispose() => _renewing.Dispose();

    private async ValueTask<string?> TokenAsync(CancellationToken cancellation)
    {
        await _renewing.WaitAsync(cancellation);
        try
        {
            if (_token is not { } known || time.GetUtcNow() >= known.Until)
            {
                _token = await FetchTokenAsync(cancellation);
            }

            return _token?.Token;
        }
        finally
        {
            _renewing.Release();
        }
    }

    private async ValueTask<(string Token, DateTimeOffset Until)?> FetchTokenAsync(CancellationToken cancellation)
    {
        using var form = new FormUrlEncodedContent(
        [
            new("grant_type", "client_credentials"), new("client_id", credential.ClientId), new("client_secret", credential.ClientSecret), new("scope", Scope),
        ]);
        using var response = await client.PostAsync(new Uri(authority, $"{tenantId}/oauth2/v2.0/token"), form, cancellation);
        var answer = response.IsSuccessStatusCode ? await ReadAsync(response, cancellation) : null;
        return answer?["access_token"]?.GetValueKind() == JsonValueKind.String && answer["expires_in"]?.GetValueKind() == JsonValueKind.Number
            ? (answer["access_token"]!.GetValue<string>(), time.GetUtcNow().AddSeconds(answer["expires_in"]!.GetValue<double>()) - Ahead)
            : null;
    }

    private static async ValueTask<JsonObject?> ReadAsync(HttpResponseMessage response, CancellationToken cancellation)
    {
        await response.Content.LoadIntoBufferAsync(MostBytes, cancellation);
        return await JsonNode.ParseAsync(await response.Content.ReadAsStreamAsync(cancellation), cancellationToken: cancellation) as JsonObject;
    }
}

/// <param name="Answer">Null when there is no such object, or with a problem.</param>
/// <param name="Problem">Why the directory could not be asked.</param>
internal readonly record struct GraphOutcome(JsonObject? Answer, string? Problem);
