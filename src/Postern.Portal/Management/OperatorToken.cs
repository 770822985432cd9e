using System.Net.Http.Json;
using System.Text.Json;

namespace Postern.Portal.Management;

/// <summary>The operator's token by the client-credentials grant, kept until shortly before it expires and asked for by one caller at a time.</summary>
internal sealed class OperatorToken : IDisposable
{
    /// <summary>Renewed this long before its end, so that no call starts with a token that ends on the way.</summary>
    private static readonly TimeSpan Margin = TimeSpan.FromMinutes(2);

    private readonly PortalOptions _options;
    private readonly HttpClient _http;
    private readonly SemaphoreSlim _one = new(1);
    private Held? _held;

    public OperatorToken(PortalOptions options)
    {
        _options = options;
        var handler = options.Roots.CreateHandler();
        handler.AllowAutoRedirect = false;
        _http = new HttpClient(handler) { Timeout = TimeSpan.FromSeconds(15), MaxResponseContentBufferSize = 1024 * 1024 };
    }

    public async ValueTask<ManagementAnswer<string>> Get(CancellationToken cancellation)
    {
        if (Current() is { } token)
        {
            return token;
        }

        await _one.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            return Current() is { } renewed ? renewed : await Ask(cancellation).ConfigureAwait(false);
        }
        finally
        {
            _one.Release();
        }
    }

    /// <summary>Drops a token that was refused, unless another caller has renewed it already.</summary>
    public void Forget(string token)
    {
        var held = _held;
        if (held?.Token == token)
        {
            Interlocked.CompareExchange(ref _held, null, held);
        }
    }

    public void Dispose()
    {
        _http.Dispose();
        _one.Dispose();
    }

    private string? Current() => Volatile.Read(ref _held) is { } held && _options.Time.GetUtcNow() < held.RenewAt ? held.Token : null;

    private async Task<ManagementAnswer<string>> Ask(CancellationToken cancellation)
    {
        var address = new Uri($"{_options.Authority.AbsoluteUri.TrimEnd('/')}/{Uri.EscapeDataString(_options.TenantId)}/oauth2/v2.0/token");
        try
        {
            using var form = new FormUrlEncodedContent(new Dictionary<string, string>
            {
                ["grant_type"] = "client_credentials",
                ["client_id"] = _options.Operator.ClientId,
                ["client_secret"] = _options.Operator.ClientSecret,
                ["scope"] = _options.ManagementScope,
            });
            using var answer = await _http.PostAsync(address, form, cancellation).ConfigureAwait(false);
            var body = await answer.Content.ReadFromJsonAsync(ManagementJson.Default.TokenContract, cancellation).ConfigureAwait(false);
            if (!answer.IsSuccessStatusCode || body?.AccessToken is not { Length: > 0 } token)
            {
                return new ManagementError((int)answer.StatusCode, body?.Error ?? "NoToken", body?.ErrorDescription ?? "The authority gave no token.", null, []);
            }

            _held = new Held(token, _options.Time.GetUtcNow() + TimeSpan.FromSeconds(body.ExpiresIn) - Margin);
            return token;
        }
        catch (HttpRequestException cause)
        {
            return ManagementError.Unreachable("The authority", _options.Authority, ManagementClient.Innermost(cause));
        }
        catch (TaskCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return ManagementError.Unreachable("The authority", _options.Authority, "nothing in time");
        }
        catch (Exception cause) when (cause is JsonException or NotSupportedException)
        {
            return new ManagementError(502, "UnreadableAnswer", $"The authority's answer is not JSON: {cause.Message}", null, []);
        }
    }

    private sealed record Held(string Token, DateTimeOffset RenewAt);
}
