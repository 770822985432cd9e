using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Identity;
using Postern.Gateway.Settings;
using Postern.Hosting.Tls;

namespace Postern.Gateway.Loading;

/// <summary>Tokens of an Entra application by secret, certificate or workload identity. The identity library caches and renews them.</summary>
internal sealed class EntraCredential : IConfigurationCredential, IDisposable
{
    private static readonly string[] MicrosoftAuthorities =
    [
        "login.microsoftonline.com", "login.microsoftonline.us", "login.chinacloudapi.cn", "login.partner.microsoftonline.cn",
        "login.windows.net", "login.microsoft.com",
    ];

    private readonly TokenCredential _credential;
    private readonly TokenRequestContext _scope;
    private readonly HttpClient _http;

    private EntraCredential(TokenCredential credential, string audience, HttpClient http, ReadOnlyMemory<byte>? backupSecret)
    {
        _credential = credential;
        _scope = new([audience.TrimEnd('/') + "/.default"]);
        _http = http;
        BackupSecret = backupSecret;
    }

    public ReadOnlyMemory<byte>? BackupSecret { get; }

    public static EntraCredential Create(ConfigurationAuth auth, TrustedRoots roots)
    {
        var http = new HttpClient(roots.CreateHandler());
        return auth switch
        {
            ConfigurationAuth.ClientSecret app => new(
                new ClientSecretCredential(app.TenantId, app.ClientId, app.Secret, Configure(new ClientSecretCredentialOptions { DisableInstanceDiscovery = !IsMicrosoft(app.Authority) }, app.Authority, http)),
                app.Audience, http, System.Text.Encoding.UTF8.GetBytes(app.Secret)),
            ConfigurationAuth.ClientCertificate app => new(
                new ClientCertificateCredential(app.TenantId, app.ClientId, app.Path, Configure(new ClientCertificateCredentialOptions { DisableInstanceDiscovery = !IsMicrosoft(app.Authority) }, app.Authority, http)),
                app.Audience, http, File.ReadAllBytes(app.Path)),
            ConfigurationAuth.WorkloadIdentity workload => new(
                new WorkloadIdentityCredential(Configure(
                    new WorkloadIdentityCredentialOptions
                    {
                        TenantId = workload.TenantId,
                        ClientId = workload.ClientId,
                        TokenFilePath = workload.TokenFile,
                        DisableInstanceDiscovery = !IsMicrosoft(workload.Authority),
                    },
                    workload.Authority, http)),
                workload.Audience, http, null),
            _ => throw new ArgumentOutOfRangeException(nameof(auth)),
        };
    }

    public async ValueTask<string> GetAuthorizationAsync(CancellationToken cancellation)
    {
        try
        {
            var token = await _credential.GetTokenAsync(_scope, cancellation);
            return "Bearer " + token.Token;
        }
        catch (AuthenticationFailedException failed)
        {
            // The library's first line says what the authority answered; the rest is a how-to.
            var message = failed.Message.Split('\n', 2)[0].Trim();
            throw new ConfigurationUnavailableException("G223", null, "TokenNotIssued", $"The authority issued no token: {message}", failed);
        }
    }

    public void Dispose() => _http.Dispose();

    private static T Configure<T>(T options, Uri authority, HttpClient http)
        where T : TokenCredentialOptions
    {
        options.AuthorityHost = authority;
        options.Transport = new HttpClientTransport(http);
        options.Retry.MaxRetries = 2;
        options.Diagnostics.IsTelemetryEnabled = false;
        return options;
    }

    private static bool IsMicrosoft(Uri authority) =>
        MicrosoftAuthorities.Contains(authority.Host, StringComparer.OrdinalIgnoreCase)
        || authority.Host.EndsWith(".login.microsoft.com", StringComparison.OrdinalIgnoreCase);
}
