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
            (makes managed identities), arm.subscriptionId, arm.owners (object ids), arm.audiences (additional), tls.certificatePath,
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
                Time = TimeProvider.System,
                Logging = logging,
            }, cancellation);
            return (server, logging);
        }, cancellation));
        return command;
    }

    private static StoreOptions Store(RoleSettings values) => values.Find("store.postgres") is { } connection
        ? StoreOptions.Postgres(connection)
        : StoreOptions.Sqlite(values.Require("store.sqlite", "the database file (or store.postgres, a connection string)"));
}
