namespace Postern.Hosting;

/// <summary>Who a role is at the authority: an application's client id and its secret. Printing it never shows the secret.</summary>
public sealed record ClientCredential(string ClientId, string ClientSecret)
{
    public override string ToString() => $"{nameof(ClientCredential)} {{ ClientId = {ClientId} }}";
}
