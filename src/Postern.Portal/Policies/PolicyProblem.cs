using System.Globalization;
using System.Text.RegularExpressions;
using Postern.Portal.Management;

namespace Postern.Portal.Policies;

/// <summary>What the control plane found wrong with a document.</summary>
/// <param name="Line">1-based; null when the message names no place.</param>
public sealed partial record PolicyProblem(string Message, string? Target, int? Line, int? Column)
{
    /// <summary>Each detail of the refusal is a problem; a refusal without details is one itself.</summary>
    public static IReadOnlyList<PolicyProblem> Of(ManagementError error) =>
        error.Details.Count > 0 ? [.. error.Details.Select(detail => Of(detail.Message ?? detail.Code ?? "", detail.Target))] : [Of(error.Message, null)];

    private static PolicyProblem Of(string message, string? target) =>
        Place().Match(message) is { Success: true } place ? new(message, target, Number(place.Groups[1]), Number(place.Groups[2])) : new(message, target, null, null);

    private static int? Number(Group group) => int.TryParse(group.ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    /// <summary>As the management API words it: "… on line 3, column 10: …".</summary>
    [GeneratedRegex(@"\bline (\d{1,7})(?:, (?:column|position) (\d{1,7}))?", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Place();
}
