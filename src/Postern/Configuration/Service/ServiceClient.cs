using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Azure.Core;

namespace Postern.Configuration.Service;

/// <summary>
/// The management API of one service, as any client uses it: tokens, pages, operations that go on after their answer, and patience with a
/// server that says it is busy.
/// </summary>
internal sealed class ServiceClient : IDisposable
{
    public const string ApiVersion = "2024-05-01";

    private const int MostAttempts = 8;
    private const int LargestAnswer = 64 * 1024 * 1024;

    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(2);

    private readonly HttpClient _http;
    private readonly ServiceConnection _connection;
    private readonly TimeProvider _time;
    private readonly TokenRequestContext _audience;

    public ServiceClient(ServiceConnection connection, TimeProvider time)
    {
        _connection = connection;
        _time = time;
        _http = new(connection.Roots.CreateHandler()) { Timeout = TimeSpan.FromMinutes(5), MaxResponseContentBufferSize = LargestAnswer };
        _audience = new([$"{connection.Management.GetLeftPart(UriPartial.Authority)}/.default"]);
    }

    public string ServiceId => _connection.ServiceId;

    /// <param name="path">Below the service, names as they are.</param>
    /// <param name="query">Without a question mark.</param>
    public Task<ServiceAnswer> GetAsync(string path, CancellationToken cancellation, string query = "") => SendAsync(HttpMethod.Get, path, query, null, null, cancellation);

    /// <param name="ifMatch">The tag that was read: another writer in between is an error, not lost.</param>
    public Task<ServiceAnswer> PutAsync(string path, JsonObject body, string? ifMatch, CancellationToken cancellation) =>
        SendAsync(HttpMethod.Put, path, "", body, ifMatch, cancellation);

    public Task<ServiceAnswer> PatchAsync(string path, JsonObject body, string ifMatch, CancellationToken cancellation) =>
        SendAsync(HttpMethod.Patch, path, "", body, ifMatch, cancellation);

    public Task<ServiceAnswer> PostAsync(string path, JsonObject? body, CancellationToken cancellation) =>
        SendAsync(HttpMethod.Post, path, "", body, null, cancellation);

    public Task<ServiceAnswer> DeleteAsync(string path, string query, CancellationToken cancellation) =>
        SendAsync(HttpMethod.Delete, path, query, null, "*", cancellation);

    /// <summary>All members of a collection; empty when the service has no such collection or the parent is not there.</summary>
    /// <exception cref="ServiceException">The collection can't be read.</exception>
    public async Task<IReadOnlyList<JsonObject>> ListAsync(string path, CancellationToken cancellation)
    {
        var items = new List<JsonObject>();
        for (var next = Address(path, ""); next is not null;)
        {
            var answer = await SendAsync(HttpMethod.Get, next, null, null, cancellation);
            if (answer.Status == 404 || answer.Code == "MethodNotAllowedInPricingTier" || answer.Body?.ToJsonString().Contains("MethodNotAllowedInPricingTier", StringComparison.Ordinal) == true)
            {
                return items;
            }

            if (!answer.IsSuccess)
            {
                throw new ServiceException($"{path} can't be read. {answer.Error()}");
            }

            items.AddRange((answer.Body?["value"] as JsonArray ?? []).OfType<JsonObject>());
            next = answer.Body?["nextLink"]?.ToString() is { Length: > 0 } link ? Following(link) : null;
        }

        return items;
    }

    /// <summary>A file that a link leads to; such links are fetched without a token.</summary>
    public async Task<string> DownloadAsync(string link, CancellationToken cancellation)
    {
        if (!Uri.TryCreate(link, UriKind.Absolute, out var address) || address.Scheme != Uri.UriSchemeHttps)
        {
            throw new ServiceException($"The service gave a link that is not https: '{link}'.");
        }

        using var response = await _http.GetAsync(address, cancellation);
        return response.IsSuccessStatusCode
            ? await response.Content.ReadAsStringAsync(cancellation)
            : throw new ServiceException($"The service's own link was answered {(int)response.StatusCode}.");
    }

    private async Task<ServiceAnswer> SendAsync(HttpMethod method, string path, string query, JsonObject? body, string? ifMatch, CancellationToken cancellation) =>
        await SendAsync(method, Address(path, query), body, ifMatch, cancellation);

    private async Task<ServiceAnswer> SendAsync(HttpMethod method, Uri address, JsonObject? body, string? ifMatch, CancellationToken cancellation)
    {
        for (var attempt = 1; ; attempt++)
        {
            using var response = await RespondAsync(method, address, body, ifMatch, cancellation);
            var text = await response.Content.ReadAsStringAsync(cancellation);
            var answer = new ServiceAnswer((int)response.StatusCode, ServiceAnswer.Parse(text), response.Headers.ETag?.ToString());
            if (IsBusy(answer, text) && attempt < MostAttempts)
            {
                await Task.Delay(Wait(response, attempt), _time, cancellation);
                continue;
            }

            return response.StatusCode == HttpStatusCode.Accepted && response.Headers.Location is { } location
                ? await FinishAsync(new Uri(address, location), Wait(response, 1), cancellation)
                : answer;
        }
    }

    private async Task<HttpResponseMessage> RespondAsync(HttpMethod method, Uri address, JsonObject? body, string? ifMatch, CancellationToken cancellation)
    {
        var token = await _connection.Credential.GetTokenAsync(_audience, cancellation);
        using var request = new HttpRequestMessage(method, address);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token.Token);
        if (ifMatch is not null)
        {
            request.Headers.TryAddWithoutValidation("If-Match", ifMatch);
        }

        if (body is not null)
        {
            request.Content = new StringContent(body.ToJsonString(Relaxed), Encoding.UTF8, "application/json");
        }

        return await _http.SendAsync(request, cancellation);
    }

    /// <summary>An operation that goes on: its address is asked until it ends.</summary>
    private async Task<ServiceAnswer> FinishAsync(Uri address, TimeSpan wait, CancellationToken cancellation)
    {
        if (address.Host != _connection.Management.Host)
        {
            throw new ServiceException($"The service leads to another host for the result of an operation: {address.Host}.");
        }

        while (true)
        {
            await Task.Delay(wait, _time, cancellation);
            using var response = await RespondAsync(HttpMethod.Get, address, null, null, cancellation);
            var text = await response.Content.ReadAsStringAsync(cancellation);
            if (response.StatusCode is not (HttpStatusCode.Accepted or HttpStatusCode.TooManyRequests))
            {
                return new((int)response.StatusCode, ServiceAnswer.Parse(text), response.Headers.ETag?.ToString());
            }

            wait = Wait(response, 1);
        }
    }

    /// <summary>What passes by itself: throttling, a restart, another change of the same API that is still under way.</summary>
    private static bool IsBusy(ServiceAnswer answer, string text) => answer.Status switch
    {
        429 or 502 or 503 or 504 => true,
        409 or 422 => answer.Code is "ManagementApiRequestFailed" or "PessimisticConcurrencyConflict"
            || text.Contains("Operation on the API is in progress", StringComparison.OrdinalIgnoreCase),
        _ => false,
    };

    private static TimeSpan Wait(HttpResponseMessage response, int attempt)
    {
        var asked = response.Headers.RetryAfter?.Delta ?? TimeSpan.FromMilliseconds(250 * Math.Pow(2, attempt - 1));
        return asked < LongestWait ? asked : LongestWait;
    }

    private Uri Address(string path, string query)
    {
        var escaped = string.Join('/', path.Split('/').Select(segment => Uri.EscapeDataString(segment).Replace("%3B", ";", StringComparison.Ordinal).Replace("%3D", "=", StringComparison.Ordinal)));
        var target = path.Length == 0 ? ServiceId : $"{ServiceId}/{escaped}";
        return new(_connection.Management, string.Create(CultureInfo.InvariantCulture, $"{target}?{query}{(query.Length > 0 ? "&" : "")}api-version={ApiVersion}"));
    }

    /// <summary>The next page may be named only by the same host: the token goes there.</summary>
    private Uri Following(string link)
    {
        var next = new Uri(_connection.Management, link);
        return next.Authority == _connection.Management.Authority && next.Scheme == Uri.UriSchemeHttps
            ? next
            : throw new ServiceException($"The next page of a list is said to be on another host: {next.Host}.");
    }

    private static readonly JsonSerializerOptions Relaxed = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public void Dispose() => _http.Dispose();
}
