using System.Collections.Immutable;
using Postern.Authority.Assertions;
using Postern.Authority.Tenancy;

namespace Postern.Authority.Tokens;

/// <summary>Does this secret belong to that client?</summary>
internal sealed class ClientSecretCheck(VerifiedSecrets verified, TimeProvider time, int rounds) : IDisposable
{
    /// <summary>A secret longer than any that is issued or sensible; more would only burn time.</summary>
    private const int MaxLength = 1024;

    private readonly FailureThrottle _perClient = new(time, allowed: 10);
    private readonly FailureThrottle _perAddress = new(time, allowed: 100);

    /// <summary>Guessing can't take more than half of the processors.</summary>
    private readonly SemaphoreSlim _hashing = new(Math.Max(1, Environment.ProcessorCount / 2));

    /// <param name="owner">Null when there is no such client: the work is done all the same.</param>
    /// <returns>Null when the secret is right and in time.</returns>
    public async ValueTask<TokenRefusal?> RefuseAsync(
        string client, string? owner, ImmutableArray<ClientSecret> stored, string secret, string remote, CancellationToken cancellation)
    {
        if (owner is not null && verified.Find(owner, secret) is { } keyId && stored.FirstOrDefault(each => each.KeyId == keyId) is { } known)
        {
            return InTime(known, client);
        }

        var pair = $"{client}|{remote}";
        if ((_perClient.Wait(pair) ?? _perAddress.Wait(remote)) is { } wait)
        {
            return TokenRefusal.Throttled(wait);
        }

        var match = secret.Length <= MaxLength ? await MatchAsync(stored, secret, cancellation) : null;
        if (match is null)
        {
            _perClient.Failed(pair);
            _perAddress.Failed(remote);
            return TokenRefusal.WrongSecret(client);
        }

        verified.Add(owner!, secret, match.KeyId);
        return InTime(match, client);
    }

    public void Dispose() => _hashing.Dispose();

    /// <summary>Tries every secret, whichever matches, so that the time tells nothing.</summary>
    private async ValueTask<ClientSecret?> MatchAsync(ImmutableArray<ClientSecret> stored, string secret, CancellationToken cancellation)
    {
        await _hashing.WaitAsync(cancellation);
        try
        {
            if (stored.IsEmpty)
            {
                SecretHash.Nobody(rounds).Matches(secret);
                return null;
            }

            ClientSecret? match = null;
            foreach (var each in stored)
            {
                match = each.Hash.Matches(secret) ? each : match;
            }

            return match;
        }
        finally
        {
            _hashing.Release();
        }
    }

    /// <summary>A start comes from the clock of whoever made the secret, which may be ahead: a new secret is wanted at once.</summary>
    private TokenRefusal? InTime(ClientSecret secret, string client)
    {
        var now = time.GetUtcNow();
        return now >= secret.Ends ? TokenRefusal.ExpiredSecret(client)
            : now < secret.Starts - AssertionTimes.Leeway ? TokenRefusal.WrongSecret(client)
            : null;
    }
}
