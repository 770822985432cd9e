using System.Security.Cryptography;
using Postern.Authority.Tenancy;

namespace Postern.Authority.Graph;

/// <summary><c>addPassword</c> and <c>removePassword</c> of applications and service principals. The secret is shown once.</summary>
internal sealed class PasswordEndpoints(TimeProvider time)
{
    /// <summary>Safe in addresses, forms, shells and env files.</summary>
    private const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

    private const int Length = 40;
    private const int DefaultYears = 2;

    public void Map(GraphRoutes routes)
    {
        routes.Write("POST", "/applications/{id}/addPassword", (call, change) => ApplicationEndpoints.Find(call, change.State) is { } application
            ? Add(call, application.Credentials, credentials => change.Put(application with { Credentials = credentials }))
            : ApplicationEndpoints.Missing(call));
        routes.Write("POST", "/applications/{id}/removePassword", (call, change) => ApplicationEndpoints.Find(call, change.State) is { } application
            ? Remove(call, application.Credentials, credentials => change.Put(application with { Credentials = credentials }))
            : ApplicationEndpoints.Missing(call));
        routes.Write("POST", "/servicePrincipals/{id}/addPassword", (call, change) => ServicePrincipalEndpoints.Find(call, change.State) is { } principal
            ? Add(call, principal.Credentials, credentials => change.Put(principal with { Credentials = credentials }))
            : ServicePrincipalEndpoints.Missing(call));
        routes.Write("POST", "/servicePrincipals/{id}/removePassword", (call, change) => ServicePrincipalEndpoints.Find(call, change.State) is { } principal
            ? Remove(call, principal.Credentials, credentials => change.Put(principal with { Credentials = credentials }))
            : ServicePrincipalEndpoints.Missing(call));
    }

    private GraphAnswer Add(GraphCall call, Credentials before, Action<Credentials> put)
    {
        if (before.Secrets.Length >= CredentialPatch.MaxPerKind)
        {
            return GraphError.BadRequest($"The object has {CredentialPatch.MaxPerKind} passwords already; remove one first.");
        }

        var asked = call.Body.Object("passwordCredential") ?? [];
        var starts = asked.Time("startDateTime") ?? time.GetUtcNow();
        var ends = asked.Time("endDateTime") ?? starts.AddYears(DefaultYears);
        if (ends <= starts || ends <= time.GetUtcNow())
        {
            return GraphError.BadRequest("The password's endDateTime must lie ahead, and after its startDateTime.");
        }

        var text = RandomNumberGenerator.GetString(Alphabet, Length);
        var secret = new ClientSecret(Guid.NewGuid().ToString(), asked.Text("displayName"), text[..3], SecretHash.Of(text, SecretHash.RandomRounds), starts, ends);
        put(before with { Secrets = before.Secrets.Add(secret) });
        var answer = CredentialContract.Of(secret, text);
        answer.Insert(0, "@odata.context", "#microsoft.graph.passwordCredential");
        return answer;
    }

    private static GraphAnswer Remove(GraphCall call, Credentials before, Action<Credentials> put)
    {
        var keyId = call.Body.RequiredText("keyId");
        var left = before.Secrets.RemoveAll(secret => string.Equals(secret.KeyId, keyId, StringComparison.OrdinalIgnoreCase));
        if (left.Length == before.Secrets.Length)
        {
            return GraphError.BadRequest("No password credential found with keyId.");
        }

        put(before with { Secrets = left });
        return GraphAnswer.NoContent;
    }
}
