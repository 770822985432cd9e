using System.CommandLine;
using Postern.Authority;
using Postern.Hosting.Tls;

namespace Postern.Commands;

/// <summary><c>postern authority</c>: the Entra-compatible token service by itself.</summary>
internal static class AuthorityCommand
{
    public static Command Create()
    {
        var settings = new Option<FileInfo?>("--settings") { Description = "Docker env-file with the settings; it overrides the environment" };
        var listen = new Option<string>("--listen") { Description = "Where to listen for HTTPS", DefaultValueFactory = _ => "*:8444" };
        var command = new Command("authority", """
            Run the token service and directory. Settings: authority.data (folder), authority.tenantId, authority.publicHost (default localhost),
            authority.operator.clientId, .objectId, .clientSecret (may administer the directory), tls.certificatePath, tls.keyPath (PEM),
            tls.trustPath (additional CAs, for issuers of federated credentials).
            """) { settings, listen };
        command.SetAction((parsed, cancellation) => RoleCommand.RunAsync("authority", async () =>
        {
            var values = RoleSettings.Read(parsed.GetValue(settings));
            var logging = RoleLogging.CreateDefault();
            var server = await AuthorityServer.StartAsync(new AuthorityOptions
            {
                DataFolder = values.Require("authority.data", "the folder of the directory's data"),
                Listen = ListenArgument.Parse(parsed.GetValue(listen)!),
                ServerCertificate = RoleCertificate.Load(values),
                PublicHost = values.Find("authority.publicHost") ?? "localhost",
                Roots = values.Find("tls.trustPath") is { } trusted ? TrustedRoots.FromPath(trusted) : TrustedRoots.System,
                Time = TimeProvider.System,
                Logging = logging,
                Seed = new AuthoritySeed(
                    values.Require("authority.tenantId", "the tenant's GUID"),
                    values.Find("authority.operator.clientId") is { } clientId
                        ? [new SeedApplication(
                            clientId,
                            "operator",
                            values.Require("authority.operator.objectId", "the operator's service principal object id, a GUID"),
                            values.Require("authority.operator.clientSecret", "the operator's secret"),
                            DirectoryWriter: true)]
                        : []),
            }, cancellation);
            return (server, logging);
        }, cancellation));
        return command;
    }
}
