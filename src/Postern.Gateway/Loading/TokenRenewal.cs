using Azure.Core;
using Microsoft.Extensions.Logging;

namespace Postern.Gateway.Loading;

/// <summary>
/// Keeps one token and renews it behind the callers' backs once four fifths of its life (less up to a tenth, at random, so that a fleet
/// doesn't come all at once) are over. While the token is valid an outage of the authority is invisible.
/// </summary>
internal sealed partial class TokenRenewal(Func<CancellationToken, Task<AccessToken>> acquire, TimeProvider time, ILogger logger) : IDisposable
{
    /// <summary>A token with less left than this is not used: the call would race its end.</summary>
    private static readonly TimeSpan Least = TimeSpan.FromSeconds(30);

    /// <summary>Between attempts of a renewal that fails.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(15);

    private readonly SemaphoreSlim _acquiring = new(1, 1);
    private readonly CancellationTokenSource _disposed = new();
    private Held? _held;
    private int _renewing;

    public async ValueTask<string> GetAsync(CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        if (Volatile.Read(ref _held) is { } held && held.Token.ExpiresOn - now > Least)
        {
            if (now >= held.RenewAt && Interlocked.Exchange(ref _renewing, 1) == 0)
            {
                _ = Task.Run(RenewAsync, CancellationToken.None);
            }

            return held.Token.Token;
        }

        await _acquiring.WaitAsync(cancellation);
        try
        {
            if (_held is { } other && other.Token.ExpiresOn - time.GetUtcNow() > Least)
            {
                return other.Token.Token;
            }

            return (await HoldAsync(cancellation)).Token.Token;
        }
        finally
        {
            _acquiring.Release();
        }
    }

    /// <summary>The server refused the token: the next call gets another.</summary>
    public void Drop() => Volatile.Write(ref _held, null);

    public void Dispose()
    {
        _disposed.Cancel();
        _disposed.Dispose();
        _acquiring.Dispose();
    }

    private async Task RenewAsync()
    {
        try
        {
            await HoldAsync(_disposed.Token);
        }
        catch (Exception failed) when (failed is not OutOfMemoryException)
        {
            if (Volatile.Read(ref _held) is { } held)
            {
                Volatile.Write(ref _held, held with { RenewAt = time.GetUtcNow() + Pause });
                LogRenewalFailed(logger, failed.Message, held.Token.ExpiresOn);
            }
        }
        finally
        {
            Volatile.Write(ref _renewing, 0);
        }
    }

    private async Task<Held> HoldAsync(CancellationToken cancellation)
    {
        var token = await acquire(cancellation);
        var now = time.GetUtcNow();
        var life = token.ExpiresOn - now;
        var held = new Held(token, now + (life * (0.8 - (Random.Shared.NextDouble() * 0.1))));
        Volatile.Write(ref _held, held);
        return held;
    }

    [LoggerMessage(EventId = 2240, EventName = "TokenNotRenewed", Level = LogLevel.Warning, Message = "The Entra token could not be renewed yet: {Reason} The current one is good until {Until:u}.")]
    private static partial void LogRenewalFailed(ILogger logger, string reason, DateTimeOffset until);

    private sealed record Held(AccessToken Token, DateTimeOffset RenewAt);
}
