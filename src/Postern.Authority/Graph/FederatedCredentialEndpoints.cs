using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Postern.Authority.Tenancy;

namespace Postern.Authority.Graph;

/// <summary><c>/v1.0/applications/{id}/federatedIdentityCredentials</c>: whose tokens an application is taken for.</summary>
internal sealed class FederatedCredentialEndpoints
{
    private const string Path = "/applications/{id}/federatedIdentityCredentials";

    /// <summary>Entra's limits.</summary>
    private const int MaxPerApplication = 20;
    private const int MaxNameLength = 120;
    private const int MaxTextLength = 600;

    public void Map(GraphRoutes routes)
    {
        routes.Read("GET", Path, call => ApplicationEndpoints.Find(call, call.Directory) is { } application
            ? new JsonObject { ["value"] = new JsonArray([.. application.Credentials.Federated.Select(CredentialContract.Of)]) }
            : ApplicationEndpoints.Missing(call));
        routes.Read("GET", Path + "/{credential}", call => ApplicationEndpoints.Find(call, call.Directory) is { } application && Find(call, application) is { } trust
            ? CredentialContract.Of(trust)
            : GraphError.NotFound(call.Route("credential")));
        routes.Write("POST", Path, Create);
        routes.Write("PATCH", Path + "/{credential}", Update);
        routes.Write("DELETE", Path + "/{credential}", Delete);
    }

    /// <summary>By id or by name.</summary>
    private static FederatedCredential? Find(GraphCall call, Application application) => application.Credentials.Federated.FirstOrDefault(trust =>
        string.Equals(trust.Id, call.Route("credential"), StringComparison.OrdinalIgnoreCase) || trust.Name == call.Route("credential"));

    private static GraphAnswer Create(GraphCall call, DirectoryTransaction change)
    {
        if (ApplicationEndpoints.Find(call, change.State) is not { } application)
        {
            return ApplicationEndpoints.Missing(call);
        }

        var name = call.Body.RequiredText("name", MaxNameLength);
        if (!name.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_' or '.'))
        {
            return GraphError.BadRequest("Property 'name' may have letters, digits, '-', '_' and '.' only: it is part of an address.");
        }

        var made = Read(call.Body, new(Guid.NewGuid().ToString(), name, "", "", [], null));
        var others = application.Credentials.Federated;
        if (others.Length >= MaxPerApplication)
        {
            return GraphError.BadRequest($"An application has at most {MaxPerApplication} federated identity credentials.");
        }

        if (Conflict(made, others) is { } conflict)
        {
            return conflict;
        }

        change.Put(application with { Credentials = application.Credentials with { Federated = others.Add(made) } });
        return GraphAnswer.Created(CredentialContract.Of(made));
    }

    private static GraphAnswer Update(GraphCall call, DirectoryTransaction change)
    {
        if (ApplicationEndpoints.Find(call, change.State) is not { } application || Find(call, application) is not { } before)
        {
            return GraphError.NotFound(call.Route("credential"));
        }

        if (call.Body.Text("name") is { } name && name != before.Name)
        {
            return GraphError.BadRequest("Property 'name' cannot be changed.");
        }

        var after = Read(call.Body, before);
        var others = application.Credentials.Federated.Remove(before);
        if (Conflict(after, others) is { } conflict)
        {
            return conflict;
        }

        change.Put(application with { Credentials = application.Credentials with { Federated = others.Add(after) } });
        return GraphAnswer.NoContent;
    }

    private static GraphAnswer Delete(GraphCall call, DirectoryTransaction change)
    {
        if (ApplicationEndpoints.Find(call, change.State) is not { } application || Find(call, application) is not { } trust)
        {
            return GraphError.NotFound(call.Route("credential"));
        }

        var left = application.Credentials.Federated.Remove(trust);
        change.Put(application with { Credentials = application.Credentials with { Federated = left } });
        return GraphAnswer.NoContent;
    }

    /// <summary>What the body says, over what there was.</summary>
    private static FederatedCredential Read(JsonObject body, FederatedCredential before)
    {
        if (body["claimsMatchingExpression"] is not null)
        {
            throw new GraphBodyException("Property 'claimsMatchingExpression' is not offered; give an exact 'subject'.");
        }

        var issuer = body.ContainsKey("issuer") || before.Issuer == "" ? body.RequiredText("issuer", MaxTextLength) : before.Issuer;
        if (!Uri.TryCreate(issuer, UriKind.Absolute, out var address) || address.Scheme != Uri.UriSchemeHttps || address.Query != "" || address.Fragment != "")
        {
            throw new GraphBodyException("Property 'issuer' must be an https address without query, exactly as the tokens have it in 'iss'.");
        }

        var audiences = body.Texts("audiences") ?? before.Audiences;
        return audiences is [{ Length: > 0 and <= MaxTextLength }]
            ? before with
            {
                Issuer = issuer,
                Subject = body.ContainsKey("subject") || before.Subject == "" ? body.RequiredText("subject", MaxTextLength) : before.Subject,
                Audiences = audiences,
                Description = body.ContainsKey("description") ? body.Text("description") : before.Description,
            }
            : throw new GraphBodyException("Property 'audiences' must have exactly one entry, such as api://AzureADTokenExchange.");
    }

    private static GraphError? Conflict(FederatedCredential made, ImmutableArray<FederatedCredential> others) =>
        others.Any(other => other.Name == made.Name)
            ? GraphError.Conflict($"FederatedIdentityCredential with name {made.Name} already exists.")
            : others.Any(other => other.Issuer == made.Issuer && other.Subject == made.Subject)
                ? GraphError.Conflict("Issuer and subject combination already exists for this application.")
                : null;
}
