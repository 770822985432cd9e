using Azure.Core;
using Microsoft.Extensions.Logging.Abstractions;
using Postern.Gateway.Loading;
using Postern.Testing;

namespace Postern.Gateway.Tests.Loading;

public sealed class TokenRenewalTests
{
    private readonly ManualTime _time = new();
    private int _exchanges;
    private bool _authorityAway;

    [Fact]
    public async Task A_token_is_exchanged_once_for_all_callers_at_once()
    {
        using var tokens = Renewal();
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => tokens.GetAsync(default).AsTask()));
        Assert.All(answers, answer => Assert.Equal("token 1", answer));
        Assert.Equal(1, _exchanges);
    }

    [Fact]
    public async Task It_is_renewed_ahead_of_its_end_without_holding_up_a_caller()
    {
        using var tokens = Renewal();
        await tokens.GetAsync(default);
        _time.Advance(TimeSpan.FromMinutes(41));
        Assert.Equal("token 1", await tokens.GetAsync(default));
        Assert.Equal(1, _exchanges);
        _time.Advance(TimeSpan.FromMinutes(8));
        Assert.Equal("token 1", await tokens.GetAsync(default));
        await Postern.Testing.Until.TrueAsync("the renewed token is handed out", async () => await tokens.GetAsync(default) == "token 2");
    }

    [Fact]
    public async Task While_it_is_valid_an_outage_of_the_authority_is_invisible()
    {
        using var tokens = Renewal();
        await tokens.GetAsync(default);
        _authorityAway = true;
        foreach (var minutes in (int[])[49, 5, 4])
        {
            _time.Advance(TimeSpan.FromMinutes(minutes));
            Assert.Equal("token 1", await tokens.GetAsync(default));
        }

        _time.Advance(TimeSpan.FromMinutes(2));
        await Assert.ThrowsAsync<IOException>(async () => await tokens.GetAsync(default));
        _authorityAway = false;
        Assert.StartsWith("token", await tokens.GetAsync(default), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_refused_token_is_not_used_again()
    {
        using var tokens = Renewal();
        await tokens.GetAsync(default);
        tokens.Drop();
        Assert.Equal("token 2", await tokens.GetAsync(default));
    }

    private TokenRenewal Renewal() => new(
        _ => _authorityAway
            ? throw new IOException("The authority is away.")
            : Task.FromResult(new AccessToken($"token {Interlocked.Increment(ref _exchanges)}", _time.GetUtcNow().AddHours(1))),
        _time, NullLogger.Instance);
}
