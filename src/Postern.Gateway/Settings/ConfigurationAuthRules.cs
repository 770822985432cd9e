namespace Postern.Gateway.Settings;

/// <summary>Which way of authentication the settings choose, and whether what it needs is there.</summary>
internal static class ConfigurationAuthRules
{
    private const string TokenScheme = "GatewayKey ";
    private const string DefaultAudience = "https://azure-api.net/configuration";
    private const string Accepted = "the token ('GatewayKey …'), 'key', 'azureAdApp' or 'workloadIdentity'";

    public static ConfigurationAuth? Read(SettingReader read, out string gatewayName)
    {
        gatewayName = read.Text(KnownSettings.GatewayName) ?? "";
        var choice = read.Text(KnownSettings.Auth);
        switch (choice?.ToLowerInvariant())
        {
            case null:
                read.Add("G202", KnownSettings.Auth, $"No valid authentication was configured for the configuration API. Give {Accepted}.");
                return null;
            case "key":
                return Token(read, KnownSettings.AuthKey, read.Text(KnownSettings.AuthKey), ref gatewayName);
            case "azureadapp":
                RequireName(read, gatewayName);
                return App(read);
            case "workloadidentity":
                RequireName(read, gatewayName);
                return Workload(read);
        }

        if (choice.StartsWith(TokenScheme, StringComparison.OrdinalIgnoreCase))
        {
            return Token(read, KnownSettings.Auth, choice, ref gatewayName);
        }

        read.Add("G201", KnownSettings.Auth, $"the given value is not accepted; give {Accepted}.");
        return null;
    }

    private static ConfigurationAuth.GatewayToken? Token(SettingReader read, string setting, string? value, ref string gatewayName)
    {
        if (value is null)
        {
            read.Add("G202", setting, $"is required with {KnownSettings.Auth}=key: the gateway's token.");
            return null;
        }

        // Tools print the token without its scheme word; people forget to add it.
        var bare = value.StartsWith(TokenScheme, StringComparison.OrdinalIgnoreCase) ? value[TokenScheme.Length..].Trim() : value;
        var fields = bare.Split('&');
        if (fields.Length < 3 || fields[0].Length == 0 || bare.Any(char.IsWhiteSpace))
        {
            read.Add("G201", setting, "the given value is not a gateway token; give 'GatewayKey <gateway id>&<yyyyMMddHHmm>&<signature>' without blanks in it.");
            return null;
        }

        if (gatewayName.Length == 0)
        {
            gatewayName = fields[0];
        }

        return new(TokenScheme + bare);
    }

    private static ConfigurationAuth? App(SettingReader read)
    {
        var tenant = Required(read, KnownSettings.AuthTenantId);
        var client = Required(read, KnownSettings.AuthClientId);
        var secret = read.Text(KnownSettings.AuthClientSecret);
        var certificate = read.Text(KnownSettings.AuthCertificatePath);
        var authority = read.HttpsAddress(KnownSettings.AuthAuthority, allowBareHost: false) ?? new Uri("https://login.microsoftonline.com/");
        var audience = read.Text(KnownSettings.AuthTokenAudience) ?? DefaultAudience;
        if (secret is null && certificate is null)
        {
            read.Add("G202", KnownSettings.AuthClientSecret, $"is required with {KnownSettings.Auth}=azureAdApp, unless {KnownSettings.AuthCertificatePath} is given.");
            return null;
        }

        if (certificate is not null && secret is null)
        {
            if (!File.Exists(certificate))
            {
                read.Add("G205", KnownSettings.AuthCertificatePath, $"no file is at '{certificate}'.");
            }

            return new ConfigurationAuth.ClientCertificate(tenant, client, certificate, authority, audience);
        }

        return new ConfigurationAuth.ClientSecret(tenant, client, secret!, authority, audience);
    }

    private static ConfigurationAuth.WorkloadIdentity Workload(SettingReader read)
    {
        var authority = read.HttpsAddress("AZURE_AUTHORITY_HOST", allowBareHost: false) ?? new Uri("https://login.microsoftonline.com/");
        return new(
            Injected("AZURE_TENANT_ID"), Injected("AZURE_CLIENT_ID"), Injected("AZURE_FEDERATED_TOKEN_FILE"), authority,
            read.Text(KnownSettings.AuthTokenAudience) ?? DefaultAudience);

        string Injected(string name)
        {
            var value = read.Text(name);
            if (value is null)
            {
                read.Add("G202", name, $"is required with {KnownSettings.Auth}=workloadIdentity; the workload identity webhook sets it when the pod has the label azure.workload.identity/use: \"true\".");
            }

            return value ?? "";
        }
    }

    private static string Required(SettingReader read, string name)
    {
        var value = read.Text(name);
        if (value is null)
        {
            read.Add("G202", name, $"is required with {KnownSettings.Auth}=azureAdApp.");
        }

        return value ?? "";
    }

    private static void RequireName(SettingReader read, string gatewayName)
    {
        if (gatewayName.Length == 0)
        {
            read.Add("G202", KnownSettings.GatewayName, "is required with Entra authentication: the id of the gateway resource.");
        }
    }
}
