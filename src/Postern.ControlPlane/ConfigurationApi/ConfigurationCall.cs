namespace Postern.ControlPlane.ConfigurationApi;

/// <summary>The calls of this API.</summary>
internal enum ConfigurationCallKind
{
    Snapshot,
    Events,
    Heartbeat,
    Metrics,
    Traces,
}

/// <summary>A call's address taken apart: <c>/gateways/{id}/{call}</c>.</summary>
internal sealed record ConfigurationCall(string Gateway, ConfigurationCallKind Kind)
{
    /// <summary>Segments of what may be a path of this API. Empty ones don't count: an endpoint setting that ends in a slash doubles the first.</summary>
    public static string[]? Segments(string? path)
    {
        var segments = (path ?? "").Split('/', StringSplitOptions.RemoveEmptyEntries);
        return segments.Length > 0 && string.Equals(segments[0], "gateways", StringComparison.OrdinalIgnoreCase) ? segments : null;
    }

    /// <returns>Null when there is no such call.</returns>
    public static ConfigurationCall? Parse(string[] segments) =>
        segments.Length == 3
        && segments[1].Length is > 0 and <= 80
        && !segments[1].Any(char.IsControl)
        && char.IsAsciiLetter(segments[2][0])
        && Enum.TryParse<ConfigurationCallKind>(segments[2], ignoreCase: true, out var kind)
            ? new(segments[1], kind)
            : null;

    /// <summary>The same name for both directions: changes come down by GET, what happened goes up by POST.</summary>
    public IReadOnlyList<string> Methods => Kind switch
    {
        ConfigurationCallKind.Snapshot => ["GET"],
        ConfigurationCallKind.Events => ["GET", "POST"],
        _ => ["POST"],
    };
}
