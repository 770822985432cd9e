using System.Globalization;
using Postern.Gateway.State;
using Postern.Snapshots;

namespace Postern.Bench.Subjects;

/// <summary>A key to its subscription among many, compared in constant time.</summary>
internal sealed class SubscriptionLookup : Subject
{
    private const int Subscriptions = 100_000;

    private readonly Dictionary<string, SubscriptionState> _byKey = new(KeyComparer.Instance);
    private string[] _keys = [];
    private int _next;

    public override string Name => $"subscription: one of {Subscriptions} keys";

    public override void Prepare()
    {
        for (var number = 0; number < Subscriptions; number++)
        {
            var key = Key(number);
            _byKey[key] = new(
                new($"s{number}", "", "apis", "active", null, key, "", DateTimeOffset.UnixEpoch, null, null), key, null);
        }

        // Equal to the stored ones, but other objects, as those of requests are.
        _keys = [.. Enumerable.Range(0, 256).Select(number => Key(number * 317 % Subscriptions))];
    }

    public override void Run()
    {
        if (!_byKey.ContainsKey(_keys[_next++ & 255]))
        {
            throw new InvalidOperationException("A key was not found.");
        }
    }

    private static string Key(int number) => (number * 2654435761L).ToString("x32", CultureInfo.InvariantCulture);
}
