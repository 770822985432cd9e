using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Postern.ControlPlane.Resources;

/// <summary>Numbers that come as text: published templates write <c>"count": "3"</c>, and the product takes it.</summary>
internal static class MemberNumbers
{
    /// <summary>Makes such texts numbers, in place. What is no number stays, for the check to name it.</summary>
    public static void Read(IReadOnlyList<Member> members, JsonObject value)
    {
        foreach (var member in members)
        {
            switch (value[member.Name])
            {
                case JsonObject inner when member.Type == MemberType.Object:
                    Read(member.Members, inner);
                    break;
                case JsonArray list when member.Members is [{ Type: MemberType.Object } item]:
                    foreach (var inner in list.OfType<JsonObject>())
                    {
                        Read(item.Members, inner);
                    }

                    break;
                case JsonValue text when member.Type == MemberType.Number && text.GetValueKind() == JsonValueKind.String
                    && decimal.TryParse(text.GetValue<string>(), NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number):
                    value[member.Name] = JsonNode.Parse(number.ToString(CultureInfo.InvariantCulture));
                    break;
            }
        }
    }
}
