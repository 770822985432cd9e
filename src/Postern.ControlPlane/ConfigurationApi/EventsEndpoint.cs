using System.Globalization;
using Microsoft.AspNetCore.Http;
using Postern.Snapshots;

namespace Postern.ControlPlane.ConfigurationApi;

/// <summary>
/// <c>GET events</c>: what changed after a revision, at once or as soon as there is something. A waiting poll is a few objects and no
/// thread; it wakes at every change of the store, asks again whether the caller may have the configuration, and only then looks what is new.
/// </summary>
internal sealed class EventsEndpoint(ConfigurationApiParts parts)
{
    private const int DefaultTop = 100;
    private const int MostTop = 1000;
    private const int LongestWaitSeconds = 30;

    /// <summary>Permission is asked for again this often even when the store is silent: a remote role source may have changed.</summary>
    private static readonly TimeSpan Recheck = TimeSpan.FromSeconds(4);

    public async Task HandleAsync(HttpContext context, ConfigurationTarget target, ConfigurationCaller caller)
    {
        if (await ReadAsync(context) is not var (revision, top, wait))
        {
            return;
        }

        using var ending = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, parts.Stopping);
        var until = parts.Time.GetUtcNow() + wait;
        while (true)
        {
            // Read before looking, so that a change in between ends the wait below at once.
            var seen = await parts.Store.RevisionAsync(context.RequestAborted);
            var since = await parts.Published.ChangesAfterAsync(target.GatewayId, revision, top, context.RequestAborted);
            if (since.ResyncRequired)
            {
                await ConfigurationAnswers.ErrorAsync(context, StatusCodes.Status410Gone, "ResyncRequired",
                    $"Changes after revision {SnapshotFormat.SkipToken(revision)} are not known any more: fetch the snapshot.");
                return;
            }

            if (since.Change is { } change)
            {
                await ConfigurationAnswers.JsonAsync(context, StatusCodes.Status200OK, change, SnapshotJson.Default.SnapshotChange);
                return;
            }

            var left = until - parts.Time.GetUtcNow();
            if (left <= TimeSpan.Zero || parts.Stopping.IsCancellationRequested)
            {
                context.Response.StatusCode = StatusCodes.Status204NoContent;
                return;
            }

            await WaitAsync(seen, left < Recheck ? left : Recheck, ending.Token);
            if (!await IsStillPermittedAsync(context, target, caller))
            {
                return;
            }
        }
    }

    private async Task WaitAsync(long seen, TimeSpan atMost, CancellationToken ending)
    {
        using var timeout = new CancellationTokenSource(atMost, parts.Time);
        using var waiting = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, ending);
        await parts.Store.WaitForChangeAsync(seen, waiting.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async ValueTask<bool> IsStillPermittedAsync(HttpContext context, ConfigurationTarget target, ConfigurationCaller caller)
    {
        var cancellation = context.RequestAborted;
        var exists = await parts.Store.FindAsync(target.GatewayId, cancellation) is not null;
        if (await parts.Services.FindAsync(context.Request.Host.Host, target.Gateway, cancellation) is not { } service || service.Id != target.Service.Id)
        {
            await ConfigurationApiEndpoints.UnknownGatewayAsync(context, target);
            return false;
        }

        if (await parts.Access.AuthorizeAsync(caller, service, target.Gateway, exists, cancellation) is { } refusal)
        {
            await ConfigurationAnswers.RefuseAsync(context, refusal);
            return false;
        }

        if (!exists)
        {
            await ConfigurationApiEndpoints.UnknownGatewayAsync(context, target);
        }

        return exists;
    }

    /// <returns>Null after the 400 was answered.</returns>
    private static async ValueTask<(long Revision, int Top, TimeSpan Wait)?> ReadAsync(HttpContext context)
    {
        var query = context.Request.Query;
        string? problem = null, target = null;
        long revision = 0;
        if (query["$skiptoken"].ToString() is { Length: > 0 } token && (token.Length > 16 || !SnapshotFormat.TryReadSkipToken(token, out revision)))
        {
            (target, problem) = ("$skiptoken", "must be a revision in hexadecimal digits");
        }

        if (!TryInteger(query["$top"].ToString(), DefaultTop, 1, MostTop, out var top))
        {
            (target, problem) = ("$top", $"must be a number from 1 to {MostTop}");
        }

        if (!TryInteger(query["wait"].ToString(), 0, 0, LongestWaitSeconds, out var wait))
        {
            (target, problem) = ("wait", $"must be a number of seconds from 0 to {LongestWaitSeconds}");
        }

        if (problem is not null)
        {
            await ConfigurationAnswers.ErrorAsync(context, StatusCodes.Status400BadRequest, "ValidationError", $"'{target}' {problem}.", target);
            return null;
        }

        return (revision, top, TimeSpan.FromSeconds(wait));
    }

    private static bool TryInteger(string text, int absent, int least, int most, out int value)
    {
        value = absent;
        return text.Length == 0
            || (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value) && value >= least && value <= most);
    }
}
