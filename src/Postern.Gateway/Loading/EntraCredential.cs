using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Identity;
using Microsoft.Extensions.Logging;
using Postern.Gateway.Settings;
using Postern.Hosting.Tls;

namespace Postern.Gateway.Loading;

/// <summary>
/// Tokens of an Entra application by secret, certificate or workload identity. Each exchange reads secret, certificate or projected token
/// anew, so all of them rotate without a restart; between exchanges the token is kept and renewed ahead of its end.
/// </summary>
internal sealed class EntraCredential : IConfigurationCredential, IDisposable
{
    private readonly Func<TokenCredential> _create;
    private readonly Func<byte[]?> _lasting;
    private readonly TokenRequestContext _scope;
    private readonly HttpClient _http;
    private readonly TokenRenewal _tokens;

    private EntraCredential(Func<TokenCredential> create, Func<byte[]?> lasting, string audience, HttpClient http, TimeProvider time, ILogger logger)
    {
        _create = create;
        _lasting = lasting;
        _scope = new([audience.TrimEnd('/') + "/.default"]);
        _http = http;
        _tokens = new(AcquireAsync, time, logger);
    }

    public ReadOnlyMemory<byte>? BackupSecret => _lasting() is { } bytes ? bytes : null;

    public static EntraCredential Create(ConfigurationAuth auth, TrustedRoots roots, TimeProvider time, ILogger logger)
    {
        var http = new HttpClient(roots.CreateHandler());
        return auth switch
        {
            ConfigurationAuth.ClientSecret app => new(() => Secret(app, http), () => Encoding.UTF8.GetBytes(app.Read()), app.Audience, http, time, logger),
            ConfigurationAuth.ClientCertificate app => new(() => Certificate(app, http), () => File.ReadAllBytes(app.Path), app.Audience, http, time, logger),
            ConfigurationAuth.WorkloadIdentity workload => new(() => Workload(workload, http), () => null, workload.Audience, http, time, logger),
            _ => throw new ArgumentOutOfRangeException(nameof(auth)),
        };
    }

    public async ValueTask<string> GetAuthorizationAsync(CancellationToken cancellation) => "Bearer " + await _tokens.GetAsync(cancellation);

    public void Refused() => _tokens.Drop();

    public void Dispose()
    {
        _tokens.Dispose();
        _http.Dispose();
    }

    private async Task<AccessToken> AcquireAsync(CancellationToken cancellation)
    {
        try
        {
            // A new credential each time: the library's own cache would hand out the old token until minutes before its end.
            return await _create().GetTokenAsync(_scope, cancellation);
        }
        catch (AuthenticationFailedException failed)
        {
            throw new ConfigurationUnavailableException("G223", null, "TokenNotIssued", $"The authority issued no token: {AuthorityAnswer.Of(failed)}", failed);
        }
        catch (Exception failed) when (failed is IOException or CryptographicException or UnauthorizedAccessException)
        {
            throw new ConfigurationUnavailableException("G226", null, "CredentialNotReadable", $"The gateway's credential cannot be read: {failed.Message}", failed);
        }
    }

    private static ClientSecretCredential Secret(ConfigurationAuth.ClientSecret app, HttpClient http) =>
        new(app.TenantId, app.ClientId, app.Read(), Configure(new ClientSecretCredentialOptions { DisableInstanceDiscovery = !EntraClouds.Contains(app.Authority) }, app.Authority, http));

    private static ClientCertificateCredential Certificate(ConfigurationAuth.ClientCertificate app, HttpClient http) =>
        new(app.TenantId, app.ClientId, ClientCertificateFile.Load(app.Path, app.Password), Configure(
            new ClientCertificateCredentialOptions { DisableInstanceDiscovery = !EntraClouds.Contains(app.Authority), SendCertificateChain = true }, app.Authority, http));

    private static ClientAssertionCredential Workload(ConfigurationAuth.WorkloadIdentity workload, HttpClient http) =>
        new(workload.TenantId, workload.ClientId, async cancellation => (await File.ReadAllTextAsync(workload.TokenFile, cancellation)).Trim(), Configure(
            new ClientAssertionCredentialOptions { DisableInstanceDiscovery = !EntraClouds.Contains(workload.Authority) }, workload.Authority, http));

    private static T Configure<T>(T options, Uri authority, HttpClient http)
        where T : TokenCredentialOptions
    {
        options.AuthorityHost = authority;
        options.Transport = new HttpClientTransport(http);
        options.Retry.MaxRetries = 2;
        options.Diagnostics.IsTelemetryEnabled = false;
        return options;
    }
}
