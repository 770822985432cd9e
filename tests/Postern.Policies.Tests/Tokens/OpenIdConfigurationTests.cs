using System.Text;
using Microsoft.AspNetCore.Http;
using Postern.Policies.Runtime;
using Postern.Policies.Testing;
using Postern.Policies.Tokens;

namespace Postern.Policies.Tests.Tokens;

public sealed class OpenIdConfigurationTests
{
    private static readonly Uri Address = new("https://id.example/configuration");

    private readonly CaseClock _clock = new();
    private readonly Issuer _issuer = new();
    private readonly OpenIdConfiguration _configuration = new(Address);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Requests_before_the_first_success_share_one_fetch()
    {
        _issuer.Hold();
        var waiting = Enumerable.Range(0, 20).Select(_ => _configuration.GetAsync(_issuer, _clock, Cancellation).AsTask()).ToArray();
        Assert.DoesNotContain(waiting, task => task.IsCompleted);

        _issuer.Release();
        var documents = await Task.WhenAll(waiting);

        Assert.All(documents, document => Assert.Equal("https://id.example", document!.Issuer));
        Assert.Equal(2, _issuer.Calls);
    }

    [Fact]
    public async Task An_issuer_that_hangs_does_not_hold_up_a_request_once_its_keys_are_known()
    {
        var first = await _configuration.GetAsync(_issuer, _clock, Cancellation);
        _issuer.Hold();
        _clock.Advance(OpenIdConfiguration.Lifetime);

        var next = _configuration.GetAsync(_issuer, _clock, Cancellation);

        Assert.True(next.IsCompletedSuccessfully);
        Assert.Same(first, await next);
        _issuer.Release();
    }

    [Fact]
    public async Task Old_keys_are_fetched_anew_beside_the_requests()
    {
        var first = await _configuration.GetAsync(_issuer, _clock, Cancellation);
        _clock.Advance(OpenIdConfiguration.Lifetime);

        var stale = await _configuration.GetAsync(_issuer, _clock, Cancellation);
        await _issuer.CalledAsync(4);
        var fresh = await _configuration.LookAgainAsync(_issuer, _clock, Cancellation);

        Assert.Same(first, stale);
        Assert.NotSame(first, fresh);
        Assert.Equal(4, _issuer.Calls);
    }

    [Fact]
    public async Task Unknown_keys_ask_the_issuer_once_in_five_minutes()
    {
        await _configuration.GetAsync(_issuer, _clock, Cancellation);
        _clock.Advance(OpenIdConfiguration.LeastPause);
        for (var i = 0; i < 100; i++)
        {
            await _configuration.LookAgainAsync(_issuer, _clock, Cancellation);
        }

        Assert.Equal(4, _issuer.Calls);
    }

    [Fact]
    public async Task A_caller_that_goes_away_does_not_end_the_fetch_of_the_others()
    {
        _issuer.Hold();
        using var gone = new CancellationTokenSource();
        var leaving = _configuration.GetAsync(_issuer, _clock, gone.Token).AsTask();
        var staying = _configuration.GetAsync(_issuer, _clock, Cancellation).AsTask();

        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => leaving);
        _issuer.Release();

        Assert.NotNull(await staying);
    }

    [Fact]
    public async Task A_failure_keeps_what_was_known_and_says_why()
    {
        var first = await _configuration.GetAsync(_issuer, _clock, Cancellation);
        _issuer.Status = 500;
        _clock.Advance(OpenIdConfiguration.LeastPause);

        Assert.Same(first, await _configuration.LookAgainAsync(_issuer, _clock, Cancellation));
        Assert.Contains("answered with 500", _configuration.Failure, StringComparison.Ordinal);
    }

    private sealed class Issuer : IPolicyHttpClient
    {
        private readonly string _keys = $"{{\"keys\":[{CaseKey.Create("one", "ec").Published()}]}}";
        private readonly SemaphoreSlim _called = new(0);
        private TaskCompletionSource _open = Opened();
        private int _calls;

        public int Status { get; set; } = 200;

        public int Calls => _calls;

        public void Hold() => _open = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void Release() => _open.SetResult();

        /// <summary>Waits for the call of that number.</summary>
        public async Task CalledAsync(int number)
        {
            for (var i = 0; i < number; i++)
            {
                await _called.WaitAsync(Cancellation);
            }
        }

        public async ValueTask SendAsync(OutgoingRequest request, PolicyResponse response, CancellationToken cancellation)
        {
            Interlocked.Increment(ref _calls);
            _called.Release();
            await _open.Task.WaitAsync(cancellation);
            response.StatusCode = Status;
            response.Headers = new HeaderDictionary();
            response.Body.SetBytes(Encoding.UTF8.GetBytes(request.Address == Address
                ? """{ "issuer": "https://id.example", "jwks_uri": "https://id.example/keys" }"""
                : _keys));
        }

        private static TaskCompletionSource Opened()
        {
            var opened = new TaskCompletionSource();
            opened.SetResult();
            return opened;
        }
    }
}
