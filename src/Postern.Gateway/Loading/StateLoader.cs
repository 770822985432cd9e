using Microsoft.Extensions.Logging;
using Postern.Gateway.State;
using Postern.Gateway.Telemetry;
using Postern.Snapshots;

namespace Postern.Gateway.Loading;

/// <summary>Verifies what arrived, compiles it beside the running state and swaps. What cannot be applied changes nothing.</summary>
internal sealed partial class StateLoader(StateCompiler compiler, CurrentState current, GatewayEvents events, ILogger logger)
{
    /// <summary>The entities that the next change builds on; null before the first snapshot.</summary>
    public EntitySet? Entities { get; private set; }

    public long? AppliedRevision => current.State?.Revision;

    /// <summary>A revision that could not be applied, until a later one could.</summary>
    public (long Revision, string Reason)? Rejected { get; private set; }

    /// <returns>False when it was rejected.</returns>
    public bool Apply(Snapshot snapshot) => Try(snapshot.Revision, () => EntitySet.From(snapshot, Entities));

    /// <inheritdoc cref="Apply(Snapshot)"/>
    public bool Apply(SnapshotChange change) => Try(change.Revision, () => Entities!.Apply(change));

    private bool Try(long revision, Func<EntitySet> verify)
    {
        try
        {
            var entities = verify();
            Entities = entities;
            if (entities.Hash == current.State?.Hash && entities.Revision == current.State.Revision)
            {
                return true;
            }

            var previous = current.State;
            var state = compiler.Compile(entities, previous);
            current.Swap(state);
            LogApplied(SnapshotFormat.SkipToken(revision), state.Hash[..12]);
            List<string> problems = [.. previous is null ? state.Problems : state.Problems.Except(previous.Problems, StringComparer.Ordinal)];
            problems.ForEach(LogProblem);
            if (previous is null || Rejected is not null || problems.Count > 0)
            {
                // Heartbeats tell of every revision; an event for each would drown the others.
                events.ConfigurationApplied(revision, problems);
            }

            Rejected = null;

            return true;
        }
        catch (Exception broken) when (broken is not OperationCanceledException)
        {
            // Whatever is wrong with a configuration, the one that runs is not touched by it.
            var before = Rejected;
            Rejected = (revision, $"G210: {broken.Message}");
            LogRejected(SnapshotFormat.SkipToken(revision), broken.Message);
            if (before != Rejected)
            {
                // The same revision is tried again every few seconds; it happened once.
                events.ConfigurationRejected(revision, Rejected.Value.Reason);
            }
            return false;
        }
    }

    [LoggerMessage(EventId = 2101, EventName = "ConfigurationUpdated", Level = LogLevel.Information, Message = "Revision {Revision} is in use (hash {Hash}).")]
    private partial void LogApplied(string revision, string hash);

    [LoggerMessage(EventId = 2102, EventName = "ConfigurationRejected", Level = LogLevel.Error, Message = "G210: revision {Revision} was not applied: {Reason}")]
    private partial void LogRejected(string revision, string reason);

    [LoggerMessage(EventId = 2103, EventName = "ConfigurationProblem", Level = LogLevel.Warning, Message = "{Problem}")]
    private partial void LogProblem(string problem);
}
