using System.Text.Json.Nodes;
using Postern.ControlPlane.Resources.NamedValues;

namespace Postern.ControlPlane.Resources.Loggers;

/// <summary>Where policies and diagnostics log to. Secrets of the credentials are moved to named values, as the product does.</summary>
internal sealed class LoggerKind(KindServices services) : ResourceKind("Microsoft.ApiManagement/service/loggers")
{
    private static readonly string[] SecretNames = ["connectionString", "instrumentationKey"];

    private static readonly Member[] Declared =
    [
        Member.OneOf("loggerType", "azureEventHub", "applicationInsights", "azureMonitor").Required().Immutable(),
        Member.Text("description", 0, 256),
        Member.Map("credentials", Member.Text("value")),
        Member.Flag("isBuffered").Or(true),
        Member.Text("resourceId"),
    ];

    public override NameRules Names => NameRules.Long;

    public override IReadOnlyList<Member> Members => Declared;

    public override ValueTask<ArmError?> PrepareAsync(ResourceChange change, CancellationToken cancellation)
    {
        var type = change.Properties.Text("loggerType")!.ToLowerInvariant();
        var credentials = change.Properties["credentials"] as JsonObject;
        if (type == "azureeventhub" && (credentials is null || (!credentials.ContainsKey("connectionString") && !credentials.ContainsKey("endpointAddress"))))
        {
            change.Problem("credentials", "An event hub needs 'connectionString', or 'endpointAddress' with 'identityClientId'.");
        }
        else if (type == "applicationinsights" && (credentials is null || !SecretNames.Any(credentials.ContainsKey)))
        {
            change.Problem("credentials", "Application Insights needs 'instrumentationKey' or 'connectionString'.");
        }
        else if (credentials is not null)
        {
            foreach (var name in SecretNames)
            {
                if (credentials.Text(name) is { } secret)
                {
                    credentials[name] = MovedSecret.Move(services, change, $"Logger-Credentials-{change.Name}-{name}", secret);
                }
            }
        }

        return default;
    }
}
