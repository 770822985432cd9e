using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using Postern.Gateway.Settings;
using Postern.Hosting.Tls;
using Postern.Up;

namespace Postern.Commands;

/// <summary><c>postern role create @FILE</c>: makes a custom role from the document as it is published, nested or flat.</summary>
internal static class RoleDefinitionCommand
{
    public static Command Create()
    {
        var document = new Argument<string>("document") { Description = "@FILE with the role definition's JSON; {subscriptionID} in it stands for the connection's subscription" };
        var connection = new Option<FileInfo>("--connection")
        {
            Description = "connection.env of the control plane (as 'postern up' writes it)",
            DefaultValueFactory = _ => new FileInfo(".postern/connection.env"),
        };
        var create = new Command("create", "Create a custom role, or replace the one of that name and scope; prints it") { document, connection };
        create.SetAction((parsed, cancellation) => CreateAsync(parsed.GetValue(document)!.TrimStart('@'), parsed.GetValue(connection)!, cancellation));
        return new Command("role", "Work with custom roles") { create };
    }

    private static async Task<int> CreateAsync(string file, FileInfo connectionFile, CancellationToken cancellation)
    {
        try
        {
            var connection = SettingsFile.Read(connectionFile.FullName);
            var text = await File.ReadAllTextAsync(file, cancellation);
            var document = JsonNode.Parse(text.Replace("{subscriptionID}", Setting("AZURE_SUBSCRIPTION_ID"), StringComparison.OrdinalIgnoreCase)) as JsonObject
                ?? throw new FormatException($"{file} holds no JSON object.");
            var properties = Member(document, "properties") as JsonObject ?? document;
            var scope = (Member(properties, "assignableScopes") as JsonArray)?.FirstOrDefault()?.GetValue<string>()
                ?? throw new FormatException($"{file} has no AssignableScopes: the first of them is where the role is made.");
            var name = (Member(properties, "roleName") ?? Member(properties, "name"))?.GetValue<string>() ?? throw new FormatException($"{file} has no Name.");
            using var client = new ManagementClient(
                new Uri(Setting("ARM_ENDPOINT")), new Uri(Setting("AZURE_AUTHORITY_HOST")), Setting("AZURE_TENANT_ID"),
                new UpApplication("operator", Setting("AZURE_CLIENT_ID"), "", Setting("AZURE_CLIENT_SECRET")),
                connection.TryGetValue("CA_FILE", out var authorities) ? TrustedRoots.FromPath(authorities) : TrustedRoots.System);
            var made = await client.PutAsync($"{scope}/providers/Microsoft.Authorization/roleDefinitions/{StableGuid.Of(scope, name)}", document, cancellation);
            await Console.Out.WriteLineAsync(made.ToJsonString(Indented));
            return 0;

            string Setting(string setting) => connection.TryGetValue(setting, out var value) && value.Length > 0
                ? value
                : throw new FormatException($"{connectionFile} has no {setting}.");
        }
        catch (Exception failure) when (StartFailure.IsExpected(failure) || failure is JsonException)
        {
            await Console.Error.WriteLineAsync($"postern role create: {failure.Message}");
            return 1;
        }
    }

    private static JsonNode? Member(JsonObject parent, string name) =>
        parent.FirstOrDefault(member => member.Key.Equals(name, StringComparison.OrdinalIgnoreCase)).Value;

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
}
