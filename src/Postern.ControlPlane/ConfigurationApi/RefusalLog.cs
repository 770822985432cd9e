using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Postern.ControlPlane.Access;

namespace Postern.ControlPlane.ConfigurationApi;

/// <summary>Says once per change of state who may not have which configuration; gateways ask every few seconds.</summary>
internal sealed partial class RefusalLog(ILogger logger)
{
    /// <summary>Beyond this many the memory starts anew; some things are then said twice.</summary>
    private const int MostRemembered = 10_000;

    private readonly ConcurrentDictionary<(string Principal, string Gateway), string> _said = new();

    public void Note(string principal, string gateway, AccessRefusal? refusal)
    {
        if (refusal is null)
        {
            if (_said.TryRemove((principal, gateway), out _))
            {
                Permitted(logger, principal, gateway);
            }

            return;
        }

        if (_said.Count >= MostRemembered)
        {
            _said.Clear();
        }

        if (_said.TryGetValue((principal, gateway), out var before) && before == refusal.Diagnostic)
        {
            return;
        }

        _said[(principal, gateway)] = refusal.Diagnostic;
        Refused(logger, principal, gateway, refusal.Diagnostic, refusal.Message);
    }

    [LoggerMessage(4120, LogLevel.Warning, "{Principal} may not have the configuration of {Gateway} ({Diagnostic}): {Reason}", EventName = "ConfigurationRefused")]
    private static partial void Refused(ILogger logger, string principal, string gateway, string diagnostic, string reason);

    [LoggerMessage(4121, LogLevel.Information, "{Principal} may have the configuration of {Gateway} again", EventName = "ConfigurationPermitted")]
    private static partial void Permitted(ILogger logger, string principal, string gateway);
}
