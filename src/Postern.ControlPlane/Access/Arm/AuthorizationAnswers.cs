using System.Text.Json.Nodes;
using Postern.ControlPlane.Resources;
using Postern.ControlPlane.Store;

namespace Postern.ControlPlane.Access.Arm;

/// <summary>What the types of this namespace have in common in their answers.</summary>
internal static class AuthorizationAnswers
{
    public static JsonObject Envelope(JsonNode properties, string id, string type, string name) => new()
    {
        ["properties"] = properties,
        ["id"] = id,
        ["type"] = type,
        ["name"] = name,
    };

    public static ArmResponse List(IEnumerable<JsonObject> items) => ArmResponse.Ok(new JsonObject { ["value"] = new JsonArray([.. items]) });

    /// <summary>Who made it and who changed it last, in the members that these types have for that.</summary>
    public static JsonNode WithHistory(JsonNode properties, ResourceRow row)
    {
        properties["createdOn"] = row.CreatedAt.UtcDateTime.ToString("O");
        properties["updatedOn"] = row.ModifiedAt.UtcDateTime.ToString("O");
        properties["createdBy"] = row.CreatedBy;
        properties["updatedBy"] = row.ModifiedBy;
        return properties;
    }

    /// <summary>The caller's object id, for system data.</summary>
    public static string By(ArmCall call) => call.Caller.ObjectId;
}
