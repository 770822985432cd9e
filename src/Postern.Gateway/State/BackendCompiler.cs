using Postern.Gateway.Backends;
using Postern.Snapshots;

namespace Postern.Gateway.State;

/// <summary>Makes the backends of a state. One whose entity did not change is the same object as before.</summary>
internal sealed class BackendCompiler(CircuitSignals signals)
{
    public Dictionary<string, BackendState> Compile(EntitySet entities, IReadOnlyDictionary<string, BackendState>? previous, List<string> problems)
    {
        var backends = new Dictionary<string, BackendState>(StringComparer.OrdinalIgnoreCase);
        foreach (var snapshot in entities.Of<BackendSnapshot>().Where(backend => backend.Pool is null))
        {
            try
            {
                backends[snapshot.Id] = previous?.GetValueOrDefault(snapshot.Id) is { } known && ReferenceEquals(known.Snapshot, snapshot) ? known : new(snapshot, signals);
            }
            catch (FormatException broken)
            {
                problems.Add($"G213: backend '{snapshot.Id}' cannot be called: {broken.Message}");
            }
        }

        var pools = entities.Of<BackendSnapshot>().Where(backend => backend.Pool is not null).ToDictionary(pool => pool.Id, StringComparer.OrdinalIgnoreCase);
        foreach (var snapshot in pools.Values)
        {
            backends.Add(snapshot.Id, Pool(snapshot, pools, backends, previous, problems));
        }

        return backends;
    }

    private BackendState Pool(
        BackendSnapshot snapshot, Dictionary<string, BackendSnapshot> pools, Dictionary<string, BackendState> backends,
        IReadOnlyDictionary<string, BackendState>? previous, List<string> problems)
    {
        var pool = new BackendPool(
            snapshot.Id, snapshot.Pool!, id => pools.ContainsKey(id) ? null : backends.GetValueOrDefault(id), problems);
        return previous?.GetValueOrDefault(snapshot.Id) is { Pool: { } known } before && ReferenceEquals(before.Snapshot, snapshot) && known.Members.SequenceEqual(pool.Members)
            ? before
            : new(snapshot, signals) { Pool = pool };
    }
}
