using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Postern.ControlPlane.Access;

namespace Postern.ControlPlane.ConfigurationApi;

/// <summary>
/// The principals that asked for configurations lately, for explanations; and says in the log once per change of state who may not have
/// which. Gateways ask every few seconds.
/// </summary>
internal sealed partial class RecentCallers(TimeProvider time, ILogger logger)
{
    public static readonly TimeSpan Window = TimeSpan.FromHours(1);

    /// <summary>Beyond this many the memory starts anew; some things are then said twice.</summary>
    private const int MostRemembered = 10_000;

    private readonly ConcurrentDictionary<(string Gateway, string Principal), State> _known = new();

    /// <param name="gatewayId">ARM id of the gateway resource.</param>
    /// <param name="refusal">Null when permitted.</param>
    public void Note(Principal principal, string gatewayId, AccessRefusal? refusal)
    {
        if (_known.Count >= MostRemembered)
        {
            _known.Clear();
        }

        var key = (gatewayId.ToLowerInvariant(), principal.ObjectId);
        var before = _known.GetValueOrDefault(key);
        _known[key] = new(principal, refusal?.Diagnostic, time.GetUtcNow());
        if (refusal is not null && before?.Diagnostic != refusal.Diagnostic)
        {
            Refused(logger, principal.ObjectId, gatewayId, refusal.Diagnostic, refusal.Message);
        }
        else if (refusal is null && before is { Diagnostic: not null })
        {
            Permitted(logger, principal.ObjectId, gatewayId);
        }
    }

    /// <summary>Principals that asked for this gateway's configuration within the last hour.</summary>
    public IReadOnlyList<Principal> Of(string gatewayId)
    {
        var since = time.GetUtcNow() - Window;
        return
        [
            .. _known
                .Where(pair => pair.Value.At >= since && string.Equals(pair.Key.Gateway, gatewayId, StringComparison.OrdinalIgnoreCase))
                .OrderBy(pair => pair.Key.Principal, StringComparer.Ordinal)
                .Select(pair => pair.Value.Principal),
        ];
    }

    [LoggerMessage(4120, LogLevel.Warning, "{Principal} may not have the configuration of {Gateway} ({Diagnostic}): {Reason}", EventName = "ConfigurationRefused")]
    private static partial void Refused(ILogger logger, string principal, string gateway, string diagnostic, string reason);

    [LoggerMessage(4121, LogLevel.Information, "{Principal} may have the configuration of {Gateway} again", EventName = "ConfigurationPermitted")]
    private static partial void Permitted(ILogger logger, string principal, string gateway);

    private sealed record State(Principal Principal, string? Diagnostic, DateTimeOffset At);
}
