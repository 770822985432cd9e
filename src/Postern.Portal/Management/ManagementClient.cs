using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.Extensions.Logging;

namespace Postern.Portal.Management;

/// <summary>Calls the management API as the operator. Refusals and outages are values; nothing here throws but cancellation.</summary>
internal sealed class ManagementClient : IDisposable
{
    public const string ManagementVersion = "2024-05-01";
    public const string AuthorizationVersion = "2022-04-01";

    /// <summary>No answer of ours is larger; whole API descriptions are not read here.</summary>
    private const int MaximumAnswerBytes = 16 * 1024 * 1024;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    private readonly HttpClient _http;
    private readonly OperatorToken _token;
    private readonly Uri _endpoint;
    private readonly ILogger _logger;

    public ManagementClient(PortalOptions options, OperatorToken token)
    {
        _token = token;
        _endpoint = options.ManagementEndpoint;
        _logger = options.Logging.CreateLogger("Postern.Portal.Management");
        var handler = options.Roots.CreateHandler();
        handler.AllowAutoRedirect = false;
        handler.AutomaticDecompression = DecompressionMethods.All;
        handler.MaxConnectionsPerServer = 16; // a page about many gateways asks for each: not all at once
        _http = new HttpClient(handler) { Timeout = Patience, MaxResponseContentBufferSize = MaximumAnswerBytes };
        Service = new ServicePaths(options.SubscriptionId, options.ResourceGroup, options.ServiceName);
    }

    public ServicePaths Service { get; }

    public Task<ManagementAnswer<T>> Get<T>(string path, JsonTypeInfo<T> type, CancellationToken cancellation)
        where T : class => Send(HttpMethod.Get, Address(path), null, type, cancellation);

    /// <summary>Replaces or creates; <paramref name="ifMatch"/> null means whatever is there.</summary>
    public Task<ManagementAnswer<T>> Put<T>(string path, T body, JsonTypeInfo<T> type, string? ifMatch, CancellationToken cancellation)
        where T : class => Send(HttpMethod.Put, Address(path), new(JsonSerializer.SerializeToUtf8Bytes(body, type), ifMatch), type, cancellation);

    /// <summary>Every page of a collection. Only this API's own next links are followed: the token goes nowhere else.</summary>
    public async Task<ManagementAnswer<IReadOnlyList<T>>> List<T>(string path, JsonTypeInfo<CollectionContract<T>> type, CancellationToken cancellation)
        where T : class
    {
        var all = new List<T>();
        var next = Address(path);
        while (next is not null)
        {
            var page = await Send(HttpMethod.Get, next, null, type, cancellation).ConfigureAwait(false);
            if (!page.Succeeded)
            {
                return page.Error;
            }

            all.AddRange(page.Value.Value);
            next = Uri.TryCreate(page.Value.NextLink, UriKind.Absolute, out var link) && link.Scheme == Uri.UriSchemeHttps
                && link.Authority == _endpoint.Authority && link != next ? link : null;
        }

        return new(all, null);
    }

    /// <summary>How many there are, without fetching them.</summary>
    public async Task<ManagementAnswer<CountContract>> Count(string path, CancellationToken cancellation) =>
        await Send(HttpMethod.Get, Address(path + "?$top=1"), null, ManagementJson.Default.CountContract, cancellation).ConfigureAwait(false);

    public void Dispose() => _http.Dispose();

    private Uri Address(string path)
    {
        var version = path.Contains("/providers/Microsoft.Authorization/", StringComparison.OrdinalIgnoreCase) ? AuthorizationVersion : ManagementVersion;
        return new Uri(_endpoint, $"{path}{(path.Contains('?') ? '&' : '?')}api-version={version}");
    }

    private async Task<ManagementAnswer<T>> Send<T>(HttpMethod method, Uri address, Sent? body, JsonTypeInfo<T> type, CancellationToken cancellation)
        where T : class
    {
        for (var renewed = false; ; renewed = true)
        {
            var token = await _token.Get(cancellation).ConfigureAwait(false);
            if (!token.Succeeded)
            {
                return Logged<T>(method, address, token.Error);
            }

            try
            {
                using var request = Request(method, address, body, token.Value);
                using var answer = await _http.SendAsync(request, cancellation).ConfigureAwait(false);
                if (answer.StatusCode == HttpStatusCode.Unauthorized && !renewed)
                {
                    // The authority may have changed its keys since: one new token, then the refusal stands.
                    _token.Forget(token.Value);
                    continue;
                }

                var text = await answer.Content.ReadAsByteArrayAsync(cancellation).ConfigureAwait(false);
                return answer.IsSuccessStatusCode ? Read(text, type, answer) : Logged<T>(method, address, ErrorReader.Read(answer, text));
            }
            catch (HttpRequestException cause)
            {
                return Logged<T>(method, address, ManagementError.Unreachable("The management API", _endpoint, Innermost(cause)));
            }
            catch (TaskCanceledException) when (!cancellation.IsCancellationRequested)
            {
                return Logged<T>(method, address, ManagementError.Unreachable("The management API", _endpoint, $"nothing within {Patience.TotalSeconds} s"));
            }
            catch (JsonException cause)
            {
                return Logged<T>(method, address, new ManagementError(502, "UnreadableAnswer", cause.Message, null, []));
            }
        }
    }

    internal static string Innermost(Exception cause)
    {
        while (cause.InnerException is { } inner)
        {
            cause = inner;
        }

        return cause.Message;
    }

    private static HttpRequestMessage Request(HttpMethod method, Uri address, Sent? body, string token)
    {
        var request = new HttpRequestMessage(method, address);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        if (body is not null)
        {
            request.Content = new ByteArrayContent(body.Json) { Headers = { ContentType = new("application/json") } };
            if (body.IfMatch is not null)
            {
                // As it came: real services send tags that are not quoted.
                request.Headers.TryAddWithoutValidation("If-Match", body.IfMatch);
            }
        }

        return request;
    }

    private static ManagementAnswer<T> Read<T>(byte[] text, JsonTypeInfo<T> type, HttpResponseMessage answer)
        where T : class
    {
        var tag = answer.Headers.TryGetValues("ETag", out var tags) ? tags.FirstOrDefault() : null;
        return new(JsonSerializer.Deserialize(text, type) ?? throw new JsonException("The answer was null."), null, tag);
    }

    private ManagementAnswer<T> Logged<T>(HttpMethod method, Uri address, ManagementError error)
        where T : class
    {
        if (!error.IsMissing)
        {
            PortalLog.ManagementError(_logger, error.Status, error.Code, method.Method, address.AbsolutePath, error.Message);
        }

        return error;
    }

    private sealed record Sent(byte[] Json, string? IfMatch);
}
