using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Azure.Core;
using Postern.Hosting.Tls;

namespace Postern.Up;

/// <summary>Calls the management API and the directory as the operator would: over HTTPS, with a real token.</summary>
internal sealed class ManagementClient : IDisposable
{
    private readonly HttpClient _http;
    private readonly TokenCredential _credential;
    private readonly Uri _management;
    private readonly Uri _authority;

    public ManagementClient(Uri management, Uri authority, string tenantId, UpApplication application, TrustedRoots roots)
    {
        _management = management;
        _authority = authority;
        _http = new HttpClient(roots.CreateHandler()) { Timeout = TimeSpan.FromSeconds(100) };
        _credential = ApplicationCredential.Create(authority, tenantId, application.ClientId, application.Secret, _http);
    }

    /// <summary>PUT of an ARM resource.</summary>
    /// <exception cref="ManagementException">Any other answer than 200 or 201.</exception>
    public Task<JsonNode> PutAsync(string id, JsonNode? body, CancellationToken cancellation) =>
        SendAsync(HttpMethod.Put, Arm(id), body, cancellation)!;

    public Task<JsonNode> PostAsync(string id, JsonNode? body, CancellationToken cancellation) =>
        SendAsync(HttpMethod.Post, Arm(id), body, cancellation)!;

    public Task<JsonNode> GetAsync(string id, CancellationToken cancellation) => SendAsync(HttpMethod.Get, Arm(id), null, cancellation)!;

    public Task<JsonNode> DeleteAsync(string id, CancellationToken cancellation) => SendAsync(HttpMethod.Delete, Arm(id), null, cancellation);

    /// <summary>A call to the slice of Microsoft Graph that the authority has.</summary>
    public Task<JsonNode> GraphAsync(HttpMethod method, string path, JsonNode? body, CancellationToken cancellation) =>
        SendAsync(method, new Uri(_authority, $"v1.0/{path}"), body, cancellation);

    /// <summary>API version of Microsoft.ApiManagement that the sample is written against.</summary>
    public const string ApiVersion = "2024-05-01";

    private Uri Arm(string id)
    {
        var version = id.Contains("/Microsoft.Authorization/", StringComparison.OrdinalIgnoreCase) ? "2022-04-01"
            : id.Contains("/Microsoft.ApiManagement/", StringComparison.OrdinalIgnoreCase) ? ApiVersion
            : "2021-04-01";
        return new Uri(_management, $"{id}{(id.Contains('?') ? '&' : '?')}api-version={version}");
    }

    private async Task<JsonNode> SendAsync(HttpMethod method, Uri address, JsonNode? body, CancellationToken cancellation)
    {
        var audience = address.GetLeftPart(UriPartial.Authority);
        var token = await _credential.GetTokenAsync(new TokenRequestContext([$"{audience}/.default"]), cancellation);
        using var request = new HttpRequestMessage(method, address);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token.Token);
        if (body is not null)
        {
            request.Content = JsonContent.Create(body);
        }

        using var response = await _http.SendAsync(request, cancellation);
        var text = await response.Content.ReadAsStringAsync(cancellation);
        if (response.IsSuccessStatusCode)
        {
            return text.Length == 0 ? new JsonObject() : JsonNode.Parse(text)!;
        }

        throw new ManagementException(method, address, response.StatusCode, text);
    }

    public void Dispose() => _http.Dispose();
}

internal sealed class ManagementException(HttpMethod method, Uri address, HttpStatusCode status, string body)
    : Exception($"{method} {address.AbsolutePath} was answered {(int)status}: {body}")
{
    public HttpStatusCode Status { get; } = status;

    public string Body { get; } = body;
}
