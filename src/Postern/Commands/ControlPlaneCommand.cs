using System.CommandLine;
using Postern.ControlPlane;
using Postern.ControlPlane.Store;
using Postern.Hosting;
using Postern.Hosting.Tls;

namespace Postern.Commands;

/// <summary><c>postern control-plane</c>: management and configuration API by themselves, one of several replicas when on PostgreSQL.</summary>
internal static class ControlPlaneCommand
{
    public static Command Create()
    {
        var settings = new Option<FileInfo?>("--settings") { Description = "Docker env-file with the settings; it overrides the environment" };
        var listen = new Option<string>("--listen") { Description = "Where to listen for HTTPS", DefaultValueFactory = _ => "*:8443" };
        var command = new Command("control-plane", """
            Run the management API and the configuration API. Settings: store.sqlite (file) or store.postgres (connection string),
            store.keyPath (encryption key, made when absent), entra.authority, entra.tenantId, entra.directory.clientId, .clientSecret
            (makes managed identities and is asked for groups), rbac.source (https address of a remote Azure Resource Manager whose role
            data decides who may read configurations), arm.subscriptionId, arm.owners (object ids), arm.audiences (additional), tls.certificatePath,
            tls.keyPath (PEM), tls.trustPath (additional CAs).
            """) { settings, listen };
        command.SetAction((parsed, cancellation) => RoleCommand.RunAsync("control-plane", async () =>
        {
            var values = RoleSettings.Read(parsed.GetValue(settings));
            var logging = RoleLogging.CreateDefault();
            var server = await ControlPlaneServer.StartAsync(new ControlPlaneOptions
            {
                Store = Store(values),
                KeyFile = values.Require("store.keyPath", "the file with the key that encrypts secrets at rest"),
                Listen = ListenArgument.Parse(parsed.GetValue(listen)!),
                ServerCertificate = RoleCertificate.Load(values),
                Roots = values.Find("tls.trustPath") is { } trusted ? TrustedRoots.FromPath(trusted) : TrustedRoots.System,
                Authority = new Uri(values.Find("entra.authority") ?? "https://login.microsoftonline.com/"),
                TenantId = values.Require("entra.tenantId", "the tenant's GUID"),
                SubscriptionId = values.Require("arm.subscriptionId", "the GUID of the Azure subscription that is served"),
                Owners = values.List("arm.owners"),
                Directory = values.Find("entra.directory.clientId") is { } clientId
                    ? new ClientCredential(clientId, values.Require("entra.directory.clientSecret", "the secret of entra.directory.clientId"))
                    : null,
                ExtraAudiences = values.List("arm.audiences"),
                RoleSource = RoleSource(values),
                Time = TimeProvider.System,
                Logging = logging,
            }, cancellation);
            return (server, logging);
        }, cancellation));
        return command;
    }

    /// <exception cref="FormatException">It is no https address, or there is nobody to act as the service's identity.</exception>
    private static Uri? RoleSource(RoleSettings values)
    {
        if (values.Find("rbac.source") is not { } source)
        {
            return null;
        }

        values.Require("entra.directory.clientId", "role data of rbac.source is read as the service's managed identity");
        return Uri.TryCreate(source, UriKind.Absolute, out var address) && address.Scheme == Uri.UriSchemeHttps
            ? address
            : throw new FormatException($"The setting 'rbac.source' must be an https address, not '{source}'.");
    }

    private static StoreOptions Store(RoleSettings values) => values.Find("store.postgres") is { } connection
        ? StoreOptions.Postgres(connection)
        : StoreOptions.Sqlite(values.Require("store.sqlite", "the database file (or store.postgres, a connection string)"));
}
