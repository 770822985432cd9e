using System.Collections.Immutable;
using Microsoft.Extensions.Logging;

namespace Postern.Authority.Keys;

/// <summary>
/// The keys in use. A successor is published <see cref="Lead"/> before it signs, so that everyone who caches the key set has it by
/// then, and a key stays published for <see cref="Overlap"/> after its last signature, so that no token outlives its key.
/// </summary>
internal sealed class SigningKeyRing
{
    public static readonly TimeSpan Lifetime = TimeSpan.FromDays(90);
    public static readonly TimeSpan Lead = TimeSpan.FromDays(2);
    public static readonly TimeSpan Overlap = TimeSpan.FromDays(1);

    private readonly SigningKeyStore _store;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly Lock _changing = new();
    private volatile ImmutableList<SigningKey> _keys;

    public SigningKeyRing(SigningKeyStore store, TimeProvider time, ILogger log)
    {
        _store = store;
        _time = time;
        _log = log;
        _keys = [.. store.Load()];
        Tend();
    }

    /// <summary>What the key set shows: past keys until their tokens are gone, the current one, the next one.</summary>
    public IEnumerable<SigningKey> Published
    {
        get
        {
            var now = _time.GetUtcNow();
            return _keys.Where(key => now < key.PublishedUntil);
        }
    }

    /// <summary>The key that signs now.</summary>
    public SigningKey Current
    {
        get
        {
            if (Signing(_keys, _time.GetUtcNow()) is { } key)
            {
                return key;
            }

            return Tend();
        }
    }

    public SigningKey? Find(string kid) => Published.FirstOrDefault(key => key.Kid == kid);

    /// <summary>Makes what is due: a first key, a successor; forgets what nobody needs. Cheap when nothing is due.</summary>
    /// <returns>The key that signs now.</returns>
    public SigningKey Tend()
    {
        lock (_changing)
        {
            var now = _time.GetUtcNow();
            var keys = _keys.RemoveAll(key => key.PublishedUntil <= now);
            if (Signing(keys, now) is not { } current)
            {
                current = Make(now, now);
                keys = keys.Add(current);
            }

            var end = keys.Max(key => key.SignsUntil);
            if (end - now <= Lead)
            {
                keys = keys.Add(Make(now, end));
            }

            if (keys != _keys)
            {
                Replace(keys);
            }

            return current;
        }
    }

    /// <summary>Publishes a new key now, which takes over after the lead; the keys that sign by then stay published for the overlap.</summary>
    public void Rotate(TimeSpan lead)
    {
        lock (_changing)
        {
            var now = _time.GetUtcNow();
            var takeover = now + lead;

            // A successor that was to come later never will; the one that signs now stops when the new one starts.
            var kept = _keys.Where(key => key.SignsFrom <= takeover && now < key.PublishedUntil)
                .Select(key => key.SignsUntil > takeover ? key.Until(takeover, takeover + Overlap) : key);
            Replace([.. kept, Make(now, takeover)]);
        }
    }

    /// <summary>Makes a new key that signs at once, and forgets all others: their tokens are void as soon as the key set is read again.</summary>
    public void Revoke()
    {
        lock (_changing)
        {
            var now = _time.GetUtcNow();
            Replace([Make(now, now)]);
        }
    }

    private void Replace(ImmutableList<SigningKey> keys)
    {
        _store.Save(keys);
        _keys = keys;
    }

    /// <summary>The youngest that is due: after a rotation ahead of time, two of them are.</summary>
    private static SigningKey? Signing(ImmutableList<SigningKey> keys, DateTimeOffset now) =>
        keys.Where(key => key.SignsFrom <= now && now < key.SignsUntil).MaxBy(key => key.SignsFrom);

    private SigningKey Make(DateTimeOffset now, DateTimeOffset signsFrom)
    {
        var key = SigningKey.From(
            SigningKey.NewPrivateKey(), now, signsFrom, signsFrom + Lifetime, signsFrom + Lifetime + Overlap);
        AuthorityLog.SigningKeyMade(_log, key.Kid, signsFrom);
        return key;
    }
}
