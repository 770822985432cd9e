using System.Text.Json;
using System.Text.Json.Nodes;

namespace Postern.ControlPlane.Resources.Backends;

/// <summary>Checks of a circuit breaker across its members.</summary>
internal static class CircuitBreakerRules
{
    private const string Duration = "an ISO 8601 duration above zero and of at most 365 days, such as PT1M";

    public static void Check(ResourceChange change)
    {
        if (change.Properties["circuitBreaker"] is not JsonObject breaker || breaker["rules"] is not JsonArray rules)
        {
            return;
        }

        var names = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        for (var i = 0; i < rules.Count; i++)
        {
            var rule = rules[i]!.AsObject();
            var target = $"circuitBreaker.rules[{i}]";
            if (!names.Add(rule.Text("name") ?? ""))
            {
                change.Problem($"{target}.name", "Rules of one backend need different names.");
            }

            CheckDuration(change, rule, "tripDuration", target);
            if (rule["failureCondition"] is JsonObject condition)
            {
                CheckCondition(change, condition, $"{target}.failureCondition");
            }
            else
            {
                change.Problem($"{target}.failureCondition", "'failureCondition' must be given.");
            }
        }
    }

    private static void CheckCondition(ResourceChange change, JsonObject condition, string target)
    {
        CheckDuration(change, condition, "interval", target);
        if (condition["count"] is null && condition["percentage"] is null)
        {
            change.Problem(target, "'count' or 'percentage' must be given.");
        }

        if (condition["percentage"] is JsonValue percentage && percentage.Deserialize<double>() <= 0)
        {
            change.Problem($"{target}.percentage", "'percentage' must be above 0.");
        }

        if (condition["count"] is JsonValue count && count.Deserialize<double>() % 1 != 0)
        {
            change.Problem($"{target}.count", "'count' must be a whole number.");
        }

        var ranges = condition["statusCodeRanges"] as JsonArray ?? [];
        for (var i = 0; i < ranges.Count; i++)
        {
            if (ranges[i]!["min"]!.Deserialize<double>() > ranges[i]!["max"]!.Deserialize<double>())
            {
                change.Problem($"{target}.statusCodeRanges[{i}]", "'min' must not be above 'max'.");
            }
        }
    }

    private static void CheckDuration(ResourceChange change, JsonObject parent, string member, string target)
    {
        if (parent.Text(member) is not { } text)
        {
            change.Problem($"{target}.{member}", $"'{member}' must be given: {Duration}.");
        }
        else if (!IsoDuration.TryParse(text, out var duration) || duration <= TimeSpan.Zero || duration > TimeSpan.FromDays(365))
        {
            change.Problem($"{target}.{member}", $"'{member}' must be {Duration}; '{text}' is not.");
        }
    }
}
