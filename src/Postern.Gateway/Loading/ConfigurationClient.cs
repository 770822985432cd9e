using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Polly;
using Polly.Retry;
using Postern.Gateway.Settings;
using Postern.Hosting.Tls;
using Postern.Snapshots;

namespace Postern.Gateway.Loading;

/// <summary>The calls of the configuration API (docs/configuration-api.md) for one gateway.</summary>
internal sealed class ConfigurationClient : IDisposable
{
    private readonly HttpClient _http;
    private readonly IConfigurationCredential _credential;
    private readonly TimeSpan _timeout;
    private readonly TimeProvider _time;
    private readonly ResiliencePipeline _retry;

    public ConfigurationClient(ConfigurationServiceSettings settings, string gatewayName, IConfigurationCredential credential, TrustedRoots roots, string version, TimeProvider time)
    {
        var handler = roots.CreateHandler();
        handler.AutomaticDecompression = DecompressionMethods.All;
        handler.AllowAutoRedirect = false;
        handler.UseCookies = false;
        handler.ConnectTimeout = TimeSpan.FromSeconds(10);
        if (settings.SkipCertificateValidation)
        {
            handler.SslOptions.RemoteCertificateValidationCallback = static (_, _, _, _) => true;
        }

        _http = new(handler)
        {
            BaseAddress = new Uri(settings.Endpoint, $"gateways/{Uri.EscapeDataString(gatewayName)}/"),
            Timeout = Timeout.InfiniteTimeSpan,
        };
        _http.DefaultRequestHeaders.UserAgent.Add(new("postern-gateway", version));
        _credential = credential;
        _timeout = settings.Timeout;
        _time = time;
        _retry = new ResiliencePipelineBuilder { TimeProvider = time }
            .AddRetry(new RetryStrategyOptions
            {
                ShouldHandle = new PredicateBuilder().Handle<ConfigurationUnavailableException>(unavailable => unavailable.IsTransient),
                MaxRetryAttempts = 2,
                Delay = TimeSpan.FromMilliseconds(250),
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = true,
            })
            .Build();
    }

    /// <exception cref="ConfigurationUnavailableException"/>
    public async Task<Snapshot> GetSnapshotAsync(CancellationToken cancellation) =>
        await _retry.ExecuteAsync(
            async token => await GetAsync("snapshot", SnapshotJson.Default.Snapshot, TimeSpan.Zero, token)
                ?? throw new ConfigurationUnavailableException("G222", HttpStatusCode.NoContent, "EmptySnapshot", "The configuration endpoint sent no snapshot."),
            cancellation);

    /// <summary>Waits for what comes after a revision.</summary>
    /// <returns>Null when nothing came in time.</returns>
    /// <exception cref="ConfigurationUnavailableException">Status 410: the revision is no longer known, fetch a snapshot.</exception>
    public Task<SnapshotChange?> GetChangesAsync(long revision, TimeSpan wait, CancellationToken cancellation) =>
        GetAsync(
            string.Create(System.Globalization.CultureInfo.InvariantCulture, $"events?$top=100&$skiptoken={SnapshotFormat.SkipToken(revision)}&wait={wait.TotalSeconds:0}"),
            SnapshotJson.Default.SnapshotChange, wait, cancellation);

    /// <exception cref="ConfigurationUnavailableException"/>
    public Task PostHeartbeatAsync(Heartbeat heartbeat, CancellationToken cancellation) =>
        PostAsync("heartbeat", heartbeat, SnapshotJson.Default.Heartbeat, cancellation);

    /// <summary>One attempt: what is refused waits in its queue.</summary>
    /// <exception cref="ConfigurationUnavailableException"/>
    public Task PostMetricsAsync(MetricBatch batch, CancellationToken cancellation) =>
        PostOnceAsync("metrics", batch, SnapshotJson.Default.MetricBatch, cancellation);

    /// <inheritdoc cref="PostMetricsAsync"/>
    public Task PostEventsAsync(EventBatch batch, CancellationToken cancellation) =>
        PostOnceAsync("events", batch, SnapshotJson.Default.EventBatch, cancellation);

    /// <inheritdoc cref="PostMetricsAsync"/>
    public Task PostTracesAsync(TraceBatch batch, CancellationToken cancellation) =>
        PostOnceAsync("traces", batch, SnapshotJson.Default.TraceBatch, cancellation);

    public void Dispose() => _http.Dispose();

    private async Task PostAsync<T>(string path, T body, JsonTypeInfo<T> type, CancellationToken cancellation) =>
        await _retry.ExecuteAsync(async token => await PostOnceAsync(path, body, type, token), cancellation);

    private async Task PostOnceAsync<T>(string path, T body, JsonTypeInfo<T> type, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(body, type)) };
        request.Content.Headers.ContentType = new("application/json");
        using var response = await SendAsync(request, TimeSpan.Zero, cancellation);
    }

    private async Task<T?> GetAsync<T>(string path, JsonTypeInfo<T> type, TimeSpan wait, CancellationToken cancellation)
        where T : class
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Accept.Add(new("application/json"));
        using var response = await SendAsync(request, wait, cancellation);
        if (response.StatusCode == HttpStatusCode.NoContent)
        {
            return null;
        }

        try
        {
            // The answer is here already; it is read within the same limits.
            await using var stream = await response.Content.ReadAsStreamAsync(cancellation);
            return await JsonSerializer.DeserializeAsync(stream, type, cancellation);
        }
        catch (Exception broken) when (broken is JsonException or NotSupportedException or FormatException)
        {
            throw new ConfigurationUnavailableException("G222", null, "AnswerNotUnderstood", $"The configuration endpoint's answer could not be read: {broken.Message}", broken);
        }
        catch (Exception broken) when (broken is IOException or HttpRequestException)
        {
            throw new ConfigurationUnavailableException("G220", null, "ConnectionLost", $"The configuration endpoint broke off: {broken.Message}", broken);
        }
    }

    private async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, TimeSpan wait, CancellationToken cancellation)
    {
        using var limit = new CancellationTokenSource(_timeout + wait, _time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellation);
        HttpResponseMessage response;
        try
        {
            request.Headers.Authorization = AuthenticationHeaderValue.Parse(await _credential.GetAuthorizationAsync(both.Token));
            response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, both.Token);
        }
        catch (OperationCanceledException late) when (!cancellation.IsCancellationRequested)
        {
            throw new ConfigurationUnavailableException("G221", null, "Timeout", $"The configuration endpoint did not answer within {_timeout}.", late);
        }
        catch (HttpRequestException failed)
        {
            var cause = failed.InnerException ?? failed;
            throw failed.HttpRequestError == HttpRequestError.SecureConnectionError
                ? new ConfigurationUnavailableException("G224", null, "CertificateNotTrusted", $"The configuration endpoint's TLS certificate was not accepted: {cause.Message}", failed)
                : new ConfigurationUnavailableException("G220", null, "NotReachable", $"The configuration endpoint could not be reached: {cause.Message}", failed);
        }

        if (response.IsSuccessStatusCode)
        {
            return response;
        }

        using (response)
        {
            if (response.StatusCode == HttpStatusCode.Unauthorized)
            {
                _credential.Refused();
            }

            throw await RefusalAsync(response, both.Token);
        }
    }

    private static async Task<ConfigurationUnavailableException> RefusalAsync(HttpResponseMessage response, CancellationToken cancellation)
    {
        ErrorBody? error = null;
        try
        {
            await using var stream = await response.Content.ReadAsStreamAsync(cancellation);
            error = (await JsonSerializer.DeserializeAsync(stream, SnapshotJson.Default.ErrorEnvelope, cancellation))?.Error;
        }
        catch (Exception unreadable) when (unreadable is JsonException or NotSupportedException or IOException or HttpRequestException)
        {
            // A proxy's page, not our server's answer: the status says enough.
        }

        return new(
            error?.Diagnostic ?? "G225", response.StatusCode, error?.Code ?? response.StatusCode.ToString(),
            error?.Message ?? $"The configuration endpoint answered {(int)response.StatusCode} {response.ReasonPhrase}.");
    }
}
