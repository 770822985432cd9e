using System.Text.Json.Nodes;
using Postern.Authority.Keys;

namespace Postern.Authority.Graph;

/// <summary>
/// <c>/v1.0/signingKeys</c>, beyond Graph: what the key set holds and when, and <c>POST …/rotate</c>, which publishes a new key at once and
/// lets it sign after <c>leadMinutes</c> (60 by default, so that everyone who caches the key set has it by then). <c>"revoke": true</c>
/// is for a key that leaked: the new one signs at once, all others and their tokens are void.
/// </summary>
internal sealed class SigningKeyEndpoints(SigningKeyRing keys)
{
    private const int MaxLeadMinutes = 7 * 24 * 60;

    public void Map(GraphRoutes routes)
    {
        routes.Read("GET", "/signingKeys", _ => Show());
        routes.Act("POST", "/signingKeys/rotate", call =>
        {
            var lead = call.Body["leadMinutes"] is null ? 60 : call.Body["leadMinutes"] is JsonValue value && value.TryGetValue<int>(out var minutes) ? minutes : -1;
            if (lead is < 0 or > MaxLeadMinutes)
            {
                return GraphError.BadRequest($"Property 'leadMinutes' must be a number from 0 to {MaxLeadMinutes}.");
            }

            if (call.Body.Flag("revoke") == true)
            {
                keys.Revoke();
            }
            else
            {
                keys.Rotate(TimeSpan.FromMinutes(lead));
            }

            return Show();
        });
    }

    private JsonObject Show() => new()
    {
        ["value"] = new JsonArray([.. keys.Published.Select(key => new JsonObject
        {
            ["kid"] = key.Kid,
            ["createdDateTime"] = CredentialContract.Time(key.Created),
            ["signsFromDateTime"] = CredentialContract.Time(key.SignsFrom),
            ["signsUntilDateTime"] = CredentialContract.Time(key.SignsUntil),
            ["publishedUntilDateTime"] = CredentialContract.Time(key.PublishedUntil),
        })]),
    };
}
