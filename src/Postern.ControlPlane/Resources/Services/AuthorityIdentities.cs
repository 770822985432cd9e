using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Postern.ControlPlane.Store;
using Postern.Hosting;
using Postern.Hosting.Tls;

namespace Postern.ControlPlane.Resources.Services;

/// <summary>
/// Managed identities in the local authority: service principals of the type ManagedIdentity, made through its Graph with the control
/// plane's own credential. The authority finds an existing one by the resource id, so that asking twice makes one.
/// </summary>
internal sealed class AuthorityIdentities : IManagedIdentities, IDisposable
{
    private const string GraphScope = "https://graph.microsoft.com/.default";

    private readonly HttpClient _http;
    private readonly Uri _authority;
    private readonly string _tenantId;
    private readonly ClientCredential? _credential;

    public AuthorityIdentities(ControlPlaneOptions options)
    {
        _http = new(options.Roots.CreateHandler()) { Timeout = TimeSpan.FromSeconds(15) };
        _authority = new(options.Authority.AbsoluteUri.TrimEnd('/') + "/");
        _tenantId = options.TenantId;
        _credential = options.Directory;
    }

    public async ValueTask<(string? PrincipalId, string? Problem)> EnsureAsync(string resourceId, CancellationToken cancellation)
    {
        var body = new JsonObject
        {
            ["servicePrincipalType"] = "ManagedIdentity",
            ["displayName"] = ResourceIds.NameOf(resourceId),
            ["alternativeNames"] = new JsonArray("isExplicit=False", resourceId),
        };
        var (answer, problem) = await CallAsync(HttpMethod.Post, "v1.0/servicePrincipals", body, cancellation);
        return answer?.Text("id") is { } id ? (id, null) : (null, problem ?? "its answer has no id");
    }

    public async ValueTask<string?> RemoveAsync(string principalId, CancellationToken cancellation) =>
        (await CallAsync(HttpMethod.Delete, $"v1.0/servicePrincipals/{Uri.EscapeDataString(principalId)}", null, cancellation)).Problem;

    public void Dispose() => _http.Dispose();

    private async ValueTask<(JsonObject? Answer, string? Problem)> CallAsync(HttpMethod method, string path, JsonObject? body, CancellationToken cancellation)
    {
        if (_credential is null)
        {
            return (null, "this control plane has no credential for the directory");
        }

        try
        {
            var (token, refused) = await TokenAsync(_credential, cancellation);
            if (token is null)
            {
                return (null, refused);
            }

            using var request = new HttpRequestMessage(method, new Uri(_authority, path)) { Content = body is null ? null : JsonContent.Create(body) };
            request.Headers.Authorization = new("Bearer", token);
            using var response = await _http.SendAsync(request, cancellation);
            if (method == HttpMethod.Delete && response.StatusCode == HttpStatusCode.NotFound)
            {
                return (null, null);
            }

            var answer = await ReadAsync(response, cancellation);
            return response.IsSuccessStatusCode
                ? (answer, null)
                : (null, $"{(int)response.StatusCode} {(answer?["error"] as JsonObject)?.Text("message") ?? response.ReasonPhrase}");
        }
        catch (HttpRequestException error)
        {
            return (null, error.Message);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return (null, "it did not answer in time");
        }
    }

    private async ValueTask<(string? Token, string? Problem)> TokenAsync(ClientCredential credential, CancellationToken cancellation)
    {
        using var form = new FormUrlEncodedContent(
        [
            new("grant_type", "client_credentials"), new("client_id", credential.ClientId),
            new("client_secret", credential.ClientSecret), new("scope", GraphScope),
        ]);
        using var response = await _http.PostAsync(new Uri(_authority, $"{_tenantId}/oauth2/v2.0/token"), form, cancellation);
        var answer = await ReadAsync(response, cancellation);
        return answer?.Text("access_token") is { } token ? (token, null) : (null, $"the token was refused: {answer?.Text("error_description") ?? response.ReasonPhrase}");
    }

    private static async ValueTask<JsonObject?> ReadAsync(HttpResponseMessage response, CancellationToken cancellation)
    {
        var text = await response.Content.ReadAsStringAsync(cancellation);
        try
        {
            return JsonNode.Parse(text) as JsonObject;
        }
        catch (System.Text.Json.JsonException)
        {
            return null;
        }
    }
}
