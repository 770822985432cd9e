using System.Globalization;
using System.Text.Json.Nodes;

namespace Postern.ControlPlane.Store;

/// <summary>
/// Rows that were removed and may come back, several hundred in the body of one: nothing finds them there as what they were. Secrets in
/// them stay sealed, for the ids that they had.
/// </summary>
internal static class KeptRows
{
    public const string Type = "Postern/keptRows";

    private const int Together = 500;

    public static IEnumerable<ResourceWrite> Keep(string place, IReadOnlyList<ResourceRow> rows, string by)
    {
        var number = 0;
        foreach (var together in rows.Chunk(Together))
        {
            var body = new JsonObject { ["rows"] = new JsonArray([.. together.Select(Write)]) };
            yield return new($"{place}/rows/{number++.ToString("D8", CultureInfo.InvariantCulture)}", Type, body.ToJsonString(), by);
        }
    }

    /// <returns>Parents before what is below them.</returns>
    public static async ValueTask<IReadOnlyList<ResourceRow>> ReadAsync(IResourceStore store, string place, CancellationToken cancellation) =>
    [
        .. from kept in await store.ListAsync(place, Type, 0, null, cancellation)
           from row in JsonNode.Parse(kept.Body)!["rows"]!.AsArray()
           select Read(row!),
    ];

    private static JsonObject Write(ResourceRow row) => new()
    {
        ["id"] = row.Id,
        ["type"] = row.Type,
        ["body"] = row.Body,
        ["createdAt"] = row.CreatedAt.UtcTicks,
        ["createdBy"] = row.CreatedBy,
    };

    private static ResourceRow Read(JsonNode row)
    {
        var id = (string)row["id"]!;
        var (at, by) = (new DateTimeOffset((long)row["createdAt"]!, TimeSpan.Zero), (string)row["createdBy"]!);
        return new(id, (string)row["type"]!, ResourceIds.ParentOf(id), ResourceIds.NameOf(id), "", 0, (string)row["body"]!, at, by, at, by);
    }
}
