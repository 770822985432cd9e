using Postern.Gateway.State;

namespace Postern.Gateway.Backends;

/// <summary>The members of a pool that have one priority. Picking takes no lock and allocates nothing.</summary>
internal sealed class PoolGroup
{
    private readonly (BackendState Backend, int Weight)[] _members;

    /// <summary>Indexes of members in the order in which they get requests, as often as their weights say and spread out.</summary>
    private readonly byte[] _schedule;

    private uint _turn;
    private uint _spill;

    /// <param name="members">At least one.</param>
    public PoolGroup(IReadOnlyList<(BackendState Backend, int Weight)> members)
    {
        // Nobody with a weight: all are equal.
        _members = members.All(member => member.Weight == 0) ? [.. members.Select(member => (member.Backend, 1))] : [.. members];
        _schedule = Schedule([.. _members.Select(member => member.Weight)]);

        // Gateways that start together should not all begin with the same member.
        _turn = (uint)Random.Shared.Next(_schedule.Length);
    }

    /// <returns>Null when none can be called.</returns>
    public BackendState? Pick()
    {
        var turn = Interlocked.Increment(ref _turn) % (uint)_schedule.Length;
        var backend = _members[_schedule[turn]].Backend;
        return backend.IsAvailable ? backend : PickAnother();
    }

    /// <summary>The share of those that can't be called goes to the others by their weights; to members without any when all others are gone.</summary>
    private BackendState? PickAnother()
    {
        var total = 0;
        BackendState? idle = null;
        foreach (var (backend, weight) in _members)
        {
            if (backend.IsAvailable)
            {
                total += weight;
                idle ??= weight == 0 ? backend : null;
            }
        }

        if (total == 0)
        {
            return idle;
        }

        var place = (int)(Interlocked.Increment(ref _spill) % (uint)total);
        foreach (var (backend, weight) in _members)
        {
            if (backend.IsAvailable && (place -= weight) < 0)
            {
                return backend;
            }
        }

        // Another request opened a circuit meanwhile.
        return idle;
    }

    /// <summary>Smooth weighted round-robin: each turn all gain their weight, the richest is picked and pays the sum.</summary>
    private static byte[] Schedule(int[] weights)
    {
        var divisor = weights.Aggregate(0, GreatestCommonDivisor);
        var sum = weights.Sum(weight => weight / divisor);
        var credit = new int[weights.Length];
        var schedule = new byte[sum];
        for (var turn = 0; turn < sum; turn++)
        {
            var richest = 0;
            for (var i = 0; i < weights.Length; i++)
            {
                credit[i] += weights[i] / divisor;
                if (credit[i] > credit[richest])
                {
                    richest = i;
                }
            }

            credit[richest] -= sum;
            schedule[turn] = (byte)richest;
        }

        return schedule;
    }

    private static int GreatestCommonDivisor(int a, int b) => b == 0 ? a : GreatestCommonDivisor(b, a % b);
}
