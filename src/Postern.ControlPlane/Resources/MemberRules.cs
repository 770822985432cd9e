using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Postern.ControlPlane.Resources;

/// <summary>Checks a body against the members that its kind declares, and reports every problem at once.</summary>
internal static class MemberRules
{
    private static readonly TimeSpan PatternLimit = TimeSpan.FromMilliseconds(100);

    public static void Check(IReadOnlyList<Member> members, JsonObject value, List<ArmErrorDetail> problems, string path = "")
    {
        foreach (var member in members)
        {
            var target = path.Length == 0 ? member.Name : $"{path}.{member.Name}";
            var node = value[member.Name];
            if (node is null)
            {
                if (member.IsRequired)
                {
                    problems.Add(Problem(target, $"'{target}' must be given."));
                }
            }
            else
            {
                CheckValue(member, node, target, problems);
            }
        }
    }

    private static void CheckValue(Member member, JsonNode node, string target, List<ArmErrorDetail> problems)
    {
        if (Mismatch(member, node) is { } expected)
        {
            problems.Add(Problem(target, $"'{target}' must be {expected}."));
            return;
        }

        switch (node)
        {
            case JsonObject value when member.Type == MemberType.Object:
                Check(member.Members, value, problems, target);
                break;
            case JsonObject map when member.Type == MemberType.Map:
                foreach (var (key, item) in map)
                {
                    CheckItem(member.Members[0], item, $"{target}.{key}", problems);
                }

                break;
            case JsonArray list:
                CheckRange(member, list.Count, target, "items", problems);
                for (var i = 0; i < list.Count; i++)
                {
                    CheckItem(member.Members[0], list[i], $"{target}[{i.ToString(CultureInfo.InvariantCulture)}]", problems);
                }

                break;
            case JsonValue leaf when member.Type == MemberType.Number:
                CheckRange(member, leaf.Deserialize<double>(), target, null, problems);
                break;
            case JsonValue leaf when member.Type == MemberType.Text:
                CheckText(member, leaf.GetValue<string>(), target, problems);
                break;
        }
    }

    private static void CheckItem(Member member, JsonNode? item, string target, List<ArmErrorDetail> problems)
    {
        if (item is null)
        {
            problems.Add(Problem(target, $"'{target}' must not be null."));
        }
        else
        {
            CheckValue(member, item, target, problems);
        }
    }

    /// <returns>What the value should have been, or null when its type is right.</returns>
    private static string? Mismatch(Member member, JsonNode node)
    {
        var kind = node.GetValueKind();
        return member.Type switch
        {
            MemberType.Text => kind == JsonValueKind.String ? null : "a string",
            MemberType.Flag => kind is JsonValueKind.True or JsonValueKind.False ? null : "true or false",
            MemberType.Number => kind == JsonValueKind.Number && double.IsFinite(node.Deserialize<double>()) ? null : "a number",
            MemberType.Time => kind == JsonValueKind.String && TryTime(node.GetValue<string>(), out _) ? null : "a date and time (ISO 8601)",
            MemberType.Object or MemberType.Map => kind == JsonValueKind.Object ? null : "an object",
            MemberType.List => kind == JsonValueKind.Array ? null : "a list",
            _ => null,
        };
    }

    public static bool TryTime(string text, out DateTimeOffset time) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out time);

    private static void CheckText(Member member, string text, string target, List<ArmErrorDetail> problems)
    {
        if (member.Values is { } values)
        {
            if (!values.Contains(text, StringComparer.OrdinalIgnoreCase))
            {
                problems.Add(Problem(target, $"'{target}' must be one of {string.Join(", ", values)}."));
            }

            return;
        }

        CheckRange(member, text.Length, target, "characters", problems);
        if (member.Pattern is { } pattern && !Regex.IsMatch(text, pattern, RegexOptions.CultureInvariant, PatternLimit))
        {
            problems.Add(Problem(target, $"'{target}' must match {pattern}."));
        }
    }

    private static void CheckRange(Member member, double size, string target, string? unit, List<ArmErrorDetail> problems)
    {
        if (size < member.Least || size > member.Most)
        {
            var most = member.Most is null or int.MaxValue ? "" : $" and at most {member.Most}";
            problems.Add(Problem(target, $"'{target}' must {(unit is null ? "be" : "have")} at least {member.Least ?? 0}{most}{(unit is null ? "" : " " + unit)}."));
        }
    }

    private static ArmErrorDetail Problem(string target, string message) => new("ValidationError", target, message);
}
