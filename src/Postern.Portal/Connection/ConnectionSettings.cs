namespace Postern.Portal.Connection;

/// <summary>
/// The published settings with which a new node joins a gateway as an Entra application. What only its owner knows (client id and
/// secret) is left to fill in.
/// </summary>
internal sealed record ConnectionSettings(string GatewayName, Uri Endpoint, Uri Authority, string TenantId)
{
    private const string DefaultAuthority = "login.microsoftonline.com";

    /// <summary>Docker's env-file form; also what <c>--settings</c> reads.</summary>
    public string EnvironmentFile => string.Join('\n', [.. Settings().Append(Secret).Select(setting => $"{setting.Name}={setting.Value}")]) + "\n";

    /// <summary>A ConfigMap for <c>envFrom</c> and the Secret beside it.</summary>
    public string Kubernetes =>
        $"""
        apiVersion: v1
        kind: ConfigMap
        metadata:
          name: {ResourceName}-env
        data:
        {string.Join('\n', Settings().Select(setting => $"  {setting.Name}: {Quoted(setting.Value)}"))}
        ---
        apiVersion: v1
        kind: Secret
        metadata:
          name: {ResourceName}-entra
        type: Opaque
        stringData:
          {Secret.Name}: {Quoted(Secret.Value)}

        """;

    /// <summary>Kubernetes names are narrower than gateway names: lower case letters, digits and dashes.</summary>
    private string ResourceName
    {
        get
        {
            var name = new string([.. GatewayName.ToLowerInvariant().Select(letter => char.IsAsciiLetterOrDigit(letter) ? letter : '-')]).Trim('-');
            return name.Length == 0 ? "gateway" : name;
        }
    }

    private static (string Name, string Value) Secret => ("config.service.auth.azureAd.clientSecret", "<client secret>");

    private IEnumerable<(string Name, string Value)> Settings()
    {
        yield return ("config.service.endpoint", Endpoint.AbsoluteUri.TrimEnd('/'));
        yield return ("config.service.auth", "azureAdApp");
        if (!Authority.Host.Equals(DefaultAuthority, StringComparison.OrdinalIgnoreCase))
        {
            yield return ("config.service.auth.azureAd.authority", Authority.AbsoluteUri.TrimEnd('/'));
        }

        yield return ("config.service.auth.azureAd.tenantId", TenantId);
        yield return ("config.service.auth.azureAd.clientId", "<client id>");
        yield return ("gateway.name", GatewayName);
    }

    private static string Quoted(string text) => "\"" + text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal) + "\"";
}
