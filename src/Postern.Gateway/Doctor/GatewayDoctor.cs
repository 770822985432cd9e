using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging.Abstractions;
using Postern.Gateway.Loading;
using Postern.Gateway.Settings;
using Postern.Hosting.Tls;
using Postern.Snapshots;

namespace Postern.Gateway.Doctor;

/// <summary>
/// Walks the chain from a gateway's settings to its configuration, link by link, as the gateway itself does, and ends at the first that is
/// broken: settings, name, TLS, authority, token, claims, configuration API with its RBAC check, snapshot.
/// </summary>
public sealed class GatewayDoctor(GatewaySettings settings, TrustedRoots roots, TimeProvider time)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly Uri _endpoint = settings.Configuration.Endpoint;

    /// <summary>Findings in order; after one that is not sound there is none.</summary>
    public async IAsyncEnumerable<Finding> ExamineAsync([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
    {
        yield return Settings();
        using var credential = new Owned(GatewayParts.Credential(settings.Configuration.Auth, roots, time, NullLoggerFactory.Instance));
        string? authorization = null;
        Func<Task<Finding?>>[] links =
        [
            async () => Proxy(_endpoint) ?? await NameAsync("name", _endpoint, cancellation),
            async () => Proxy(_endpoint) is null ? await TlsAsync("tls", _endpoint, settings.Configuration.SkipCertificateValidation, cancellation) : null,
            async () => await AuthorityAsync(cancellation),
            async () =>
            {
                (authorization, var finding) = await TokenAsync(credential.Credential, cancellation);
                return finding;
            },
            () => Task.FromResult<Finding?>(TokenClaims.Examine(authorization!, settings, time.GetUtcNow())),
            async () => await ConfigurationAsync(credential.Credential, cancellation),
        ];
        foreach (var link in links)
        {
            if (await link() is { } finding)
            {
                yield return finding;
                if (!finding.Sound)
                {
                    yield break;
                }
            }
        }
    }

    private Finding Settings() => new("settings", settings.Configuration.Auth switch
    {
        ConfigurationAuth.GatewayToken { Path: { } path } => $"gateway '{settings.GatewayName}' at {_endpoint} with a gateway token from {path}",
        ConfigurationAuth.GatewayToken => $"gateway '{settings.GatewayName}' at {_endpoint} with a gateway token",
        ConfigurationAuth.ClientSecret app => $"gateway '{settings.GatewayName}' at {_endpoint} as Entra app {app.ClientId} of tenant {app.TenantId} with a client secret",
        ConfigurationAuth.ClientCertificate app => $"gateway '{settings.GatewayName}' at {_endpoint} as Entra app {app.ClientId} of tenant {app.TenantId} with the certificate {app.Path}",
        ConfigurationAuth.WorkloadIdentity workload => $"gateway '{settings.GatewayName}' at {_endpoint} as workload identity {workload.ClientId} of tenant {workload.TenantId} with {workload.TokenFile}",
        _ => settings.Configuration.Auth.ToString(),
    });

    /// <summary>Behind a proxy it is the proxy that resolves names and connects: looking at them from here would mislead.</summary>
    private static Finding? Proxy(Uri address) =>
        !HttpClient.DefaultProxy.IsBypassed(address) && HttpClient.DefaultProxy.GetProxy(address) is { } proxy && proxy != address
            ? new("proxy", $"{address.Host} is reached through {proxy.GetLeftPart(UriPartial.Authority).Split('@')[^1]}, as the proxy variables say")
            : null;

    private static async Task<Finding> NameAsync(string link, Uri address, CancellationToken cancellation)
    {
        try
        {
            var found = await Dns.GetHostAddressesAsync(address.IdnHost, cancellation).WaitAsync(Patience, cancellation);
            return new(link, $"{address.Host} is {string.Join(", ", found.Select(one => one.ToString()))}");
        }
        catch (Exception failed) when (failed is SocketException or TimeoutException)
        {
            return Broken(link, $"{address.Host} cannot be resolved: {failed.Message}", "G220");
        }
    }

    private async Task<Finding> TlsAsync(string link, Uri address, bool skipValidation, CancellationToken cancellation)
    {
        try
        {
            using var connection = new TcpClient();
            await connection.ConnectAsync(address.Host, address.Port, cancellation).AsTask().WaitAsync(Patience, cancellation);
            X509Certificate2? seen = null;
            await using var tls = new SslStream(connection.GetStream(), false, (_, certificate, chain, errors) =>
            {
                seen = certificate is null ? null : X509CertificateLoader.LoadCertificate(certificate.GetRawCertData());
                return skipValidation || roots.Validate(certificate, chain, errors);
            });
            try
            {
                await tls.AuthenticateAsClientAsync(address.Host).WaitAsync(Patience, cancellation);
            }
            catch (AuthenticationException refused) when (seen is not null)
            {
                return Broken(link, $"the certificate of {address.Host}:{address.Port} ({seen.Subject}, issued by {seen.Issuer}, until {seen.NotAfter:u}) is not accepted: {refused.Message}", "G224");
            }

            return new(link, $"{tls.SslProtocol}, {seen!.Subject}, issued by {seen.Issuer}, until {seen.NotAfter.ToUniversalTime():u}{(skipValidation ? "; NOT checked, as the settings say" : "")}");
        }
        catch (Exception failed) when (failed is SocketException or IOException or TimeoutException or AuthenticationException)
        {
            return Broken(link, $"no TLS connection to {address.Host}:{address.Port}: {failed.Message}", "G220");
        }
    }

    private async Task<Finding?> AuthorityAsync(CancellationToken cancellation)
    {
        var (authority, tenant) = settings.Configuration.Auth switch
        {
            ConfigurationAuth.ClientSecret app => (app.Authority, app.TenantId),
            ConfigurationAuth.ClientCertificate app => (app.Authority, app.TenantId),
            ConfigurationAuth.WorkloadIdentity workload => (workload.Authority, workload.TenantId),
            _ => (null, ""),
        };
        if (authority is null)
        {
            return null;
        }

        if (Proxy(authority) is null && await TlsAsync("authority", authority, skipValidation: false, cancellation) is { Sound: false } reached)
        {
            return reached with { Diagnostic = "G223", Cure = Cure("G223") };
        }

        using var http = new HttpClient(roots.CreateHandler()) { Timeout = Patience };
        try
        {
            using var answer = await http.GetAsync(new Uri(authority, $"{tenant}/v2.0/.well-known/openid-configuration"), cancellation);
            return answer.IsSuccessStatusCode
                ? new("authority", $"{authority} knows tenant {tenant}")
                : Broken("authority", $"{authority} does not know tenant {tenant} (it answers {(int)answer.StatusCode})", "G223");
        }
        catch (Exception failed) when (failed is HttpRequestException || (failed is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            return Broken("authority", $"{authority} does not answer: {failed.Message}", "G223");
        }
    }

    private static async Task<(string? Authorization, Finding Finding)> TokenAsync(IConfigurationCredential credential, CancellationToken cancellation)
    {
        try
        {
            var authorization = await credential.GetAuthorizationAsync(cancellation);
            return (authorization, new("token", $"had one ({authorization.Split(' ', 2)[0]}, {authorization.Length} characters)"));
        }
        catch (ConfigurationUnavailableException failed)
        {
            return (null, Broken("token", failed.Message, failed.Diagnostic));
        }
    }

    private async Task<Finding> ConfigurationAsync(IConfigurationCredential credential, CancellationToken cancellation)
    {
        using var client = new ConfigurationClient(settings.Configuration, settings.GatewayName, credential, roots, GatewayServer.Version, time);
        try
        {
            var snapshot = await client.GetSnapshotAsync(cancellation);
            var hash = SnapshotHash.OfSet(snapshot.Entities.Select(entity => KeyValuePair.Create(entity.Key, SnapshotHash.Of(entity))));
            return hash == snapshot.Hash
                ? new("configuration", $"revision {SnapshotFormat.SkipToken(snapshot.Revision)}: {string.Join(", ", Counts(snapshot))}")
                : Broken("configuration", "the snapshot's hash is not that of its content", "G210");
        }
        catch (ConfigurationUnavailableException failed)
        {
            return Broken("configuration", $"{(failed.Status is { } status ? $"{(int)status} " : "")}{failed.Code}: {failed.Message}", failed.Diagnostic);
        }
    }

    private static IEnumerable<string> Counts(Snapshot snapshot) => snapshot.Entities
        .GroupBy(entity => entity.GetType().Name.Replace("Snapshot", "", StringComparison.Ordinal))
        .OrderBy(group => group.Key, StringComparer.Ordinal)
        .Select(group => $"{group.Count()} {group.Key}");

    internal static Finding Broken(string link, string detail, string diagnostic) => new(link, detail, diagnostic, Cure(diagnostic));

    /// <summary>Diagnostics of the server are explained by the server's own message.</summary>
    private static string Cure(string diagnostic) =>
        GatewayDiagnostics.All.FirstOrDefault(entry => entry.Id == diagnostic)?.Cure ?? $"See {diagnostic} in docs/diagnostics.md.";

    private readonly record struct Owned(IConfigurationCredential Credential) : IDisposable
    {
        public void Dispose() => (Credential as IDisposable)?.Dispose();
    }
}
