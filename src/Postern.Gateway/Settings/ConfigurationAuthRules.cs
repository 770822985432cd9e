namespace Postern.Gateway.Settings;

/// <summary>Which way of authentication the settings choose, and whether what it needs is there.</summary>
internal static class ConfigurationAuthRules
{
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
                return read.Text(KnownSettings.AuthKeyPath) is { } path
                    ? TokenFile(read, path, ref gatewayName)
                    : Token(read, KnownSettings.AuthKey, read.Text(KnownSettings.AuthKey), ref gatewayName);
            case "azureadapp":
                RequireName(read, gatewayName);
                return App(read);
            case "workloadidentity":
                RequireName(read, gatewayName);
                return Workload(read);
        }

        if (GatewayTokenText.HasScheme(choice))
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
            read.Add("G202", setting, $"is required with {KnownSettings.Auth}=key: the gateway's token (or {KnownSettings.AuthKeyPath}, a file that holds it).");
            return null;
        }

        if (!GatewayTokenText.TryNormalise(value, out var token, out var id))
        {
            read.Add("G201", setting, $"the given value is not a gateway token; {GatewayTokenText.Shape}.");
            return null;
        }

        gatewayName = gatewayName.Length == 0 ? id : gatewayName;
        return new(token);
    }

    private static ConfigurationAuth.GatewayToken? TokenFile(SettingReader read, string path, ref string gatewayName)
    {
        if (!File.Exists(path))
        {
            read.Add("G205", KnownSettings.AuthKeyPath, $"no file is at '{path}'.");
            return null;
        }

        return Token(read, KnownSettings.AuthKeyPath, File.ReadAllText(path), ref gatewayName) is { } token ? token with { Path = path } : null;
    }

    private static ConfigurationAuth? App(SettingReader read)
    {
        var tenant = Required(read, KnownSettings.AuthTenantId);
        var client = Required(read, KnownSettings.AuthClientId);
        var secret = read.Text(KnownSettings.AuthClientSecret);
        var certificate = read.Text(KnownSettings.AuthCertificatePath);
        var authority = read.HttpsAddress(KnownSettings.AuthAuthority, allowBareHost: false) ?? new Uri("https://login.microsoftonline.com/");
        var audience = read.Text(KnownSettings.AuthTokenAudience) ?? DefaultAudience;
        var secretPath = read.Text(KnownSettings.AuthClientSecretPath);
        if (secret is null && secretPath is null && certificate is null)
        {
            read.Add("G202", KnownSettings.AuthClientSecret, $"is required with {KnownSettings.Auth}=azureAdApp, unless {KnownSettings.AuthCertificatePath} or {KnownSettings.AuthClientSecretPath} is given.");
            return null;
        }

        if (certificate is not null && secret is null && secretPath is null)
        {
            RequireFile(read, KnownSettings.AuthCertificatePath, certificate);
            return new ConfigurationAuth.ClientCertificate(tenant, client, certificate, authority, audience, read.Text(KnownSettings.AuthCertificatePassword));
        }

        if (secretPath is not null)
        {
            RequireFile(read, KnownSettings.AuthClientSecretPath, secretPath);
        }

        return new ConfigurationAuth.ClientSecret(tenant, client, secret ?? "", authority, audience, secretPath);
    }

    private static void RequireFile(SettingReader read, string name, string path)
    {
        if (!File.Exists(path))
        {
            read.Add("G205", name, $"no file is at '{path}'.");
        }
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
