using Postern.Gateway.State;
using Postern.Policies.Runtime;

namespace Postern.Gateway.Subscriptions;

/// <summary>The two 401 answers; texts are the product's, byte for byte.</summary>
internal static class SubscriptionRefusals
{
    // The body says "an API" where the error seen by policies says "this API".
    private const string Missing = "Access denied due to missing subscription key. Make sure to include subscription key when making requests to ";
    private const string Invalid = "Access denied due to invalid subscription key. Make sure to provide a valid key for an active subscription.";

    public static PolicyError MissingKey(GatewayExchange exchange, ApiState api) =>
        Refuse(exchange, api, "SubscriptionKeyNotFound", Missing + "this API.", Missing + "an API.");

    public static PolicyError InvalidKey(GatewayExchange exchange, ApiState api) => Refuse(exchange, api, "SubscriptionKeyInvalid", Invalid, Invalid);

    private static PolicyError Refuse(GatewayExchange exchange, ApiState api, string reason, string message, string publicMessage)
    {
        var host = exchange.Context.Request.Headers.Host.ToString();
        return new()
        {
            Source = "authorization",
            Reason = reason,
            Message = message,
            StatusCode = 401,
            PublicMessage = publicMessage,
            Section = "inbound",
            Headers =
            [
                new("WWW-Authenticate", $"AzureApiManagementKey realm=\"https://{host}/{api.RoutePath}\",name=\"{api.Snapshot.KeyHeader}\",type=\"header\""),
            ],
        };
    }
}
