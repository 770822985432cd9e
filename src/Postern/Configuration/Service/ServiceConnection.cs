using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Identity;
using Postern.Gateway.Settings;
using Postern.Hosting.Tls;

namespace Postern.Configuration.Service;

/// <summary>Which service is meant, and as whom: what <c>connection.env</c> holds, over it the environment, over it the options.</summary>
/// <param name="Management">Origin of the management API.</param>
/// <param name="ServiceId">ARM id of the service.</param>
internal sealed record ServiceConnection(Uri Management, string ServiceId, TokenCredential Credential, TrustedRoots Roots)
{
    public const string PublicManagement = "https://management.azure.com";

    /// <param name="file">Null: the environment and options alone.</param>
    /// <param name="options">By the names of the environment.</param>
    /// <exception cref="FormatException">Something is missing; the message says what and where it can be given.</exception>
    public static ServiceConnection Read(FileInfo? file, IReadOnlyDictionary<string, string?> options)
    {
        var settings = file is null ? new Dictionary<string, string>() : SettingsFile.Read(file.FullName);
        var management = new Uri(Find("ARM_ENDPOINT") ?? PublicManagement);
        if (management.Scheme != Uri.UriSchemeHttps)
        {
            throw new FormatException($"ARM_ENDPOINT must be an https address; '{management}' is not: tokens and secrets go there.");
        }

        var service = $"/subscriptions/{Require("AZURE_SUBSCRIPTION_ID", "--subscription")}/resourceGroups/{Require("RESOURCE_GROUP", "--resource-group")}"
            + $"/providers/Microsoft.ApiManagement/service/{Require("SERVICE_NAME", "--service")}";
        var roots = Find("CA_FILE") is { } authorities ? TrustedRoots.FromPath(authorities) : TrustedRoots.System;
        return new(management, service, CreateCredential(roots, Find), roots);

        string Require(string name, string option) => Find(name)
            ?? throw new FormatException($"{name} is not known: give {option}, set the variable, or name a connection file that has it (--connection).");

        // A file that was named says what is meant, whatever a shell has in its environment.
        string? Find(string name) =>
            options.TryGetValue(name, out var given) && given is { Length: > 0 } ? given
            : settings.TryGetValue(name, out var set) && set.Length > 0 ? set
            : Environment.GetEnvironmentVariable(name) is { Length: > 0 } variable ? variable
            : null;
    }

    /// <summary>A token that was given; else the application's secret; else what the machine has (workload or managed identity, az login).</summary>
    private static TokenCredential CreateCredential(TrustedRoots roots, Func<string, string?> find)
    {
        if (find("AZURE_BEARER_TOKEN") is { } token)
        {
            return DelegatedTokenCredential.Create((_, _) => new AccessToken(token, DateTimeOffset.MaxValue));
        }

        var authority = find("AZURE_AUTHORITY_HOST") is { } host ? new Uri(host) : AzureAuthorityHosts.AzurePublicCloud;
        var http = new HttpClient(roots.CreateHandler());
        if (find("AZURE_TENANT_ID") is { } tenant && find("AZURE_CLIENT_ID") is { } client && find("AZURE_CLIENT_SECRET") is { } secret)
        {
            return ApplicationCredential.Create(authority, tenant, client, secret, http);
        }

        return new DefaultAzureCredential(new DefaultAzureCredentialOptions
        {
            AuthorityHost = authority,
            DisableInstanceDiscovery = true,
            Transport = new HttpClientTransport(http),
            ExcludeInteractiveBrowserCredential = true,
        });
    }
}
