using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Postern.Portal.Tests;

public sealed class LogTests(PortalFixture fixture) : IClassFixture<PortalFixture>
{
    [Fact]
    public async Task Everything_logged_holds_neither_the_access_code_nor_the_operators_secret_nor_a_token()
    {
        using var log = new EverythingLogged();
        using var logging = LoggerFactory.Create(builder => builder.SetMinimumLevel(LogLevel.Trace).AddProvider(log));
        await using (var portal = await PortalServer.StartAsync(fixture.Options() with { Logging = logging }))
        {
            using var client = fixture.Client();
            await client.GetAsync(new Uri(portal.Address, "/signin?code=" + PortalFixture.Code[1..]));
            await client.GetAsync(portal.SignInAddress);
            await client.GetAsync(new Uri(portal.Address, "/gateways/edge"));
            await client.GetAsync(new Uri(portal.Address, "/gateways/absent"));
        }

        Assert.Contains(log.Lines, line => line.Contains("PortalSignedIn", StringComparison.Ordinal));
        Assert.Contains(log.Lines, line => line.Contains("PortalSignInRefused", StringComparison.Ordinal));
        Assert.DoesNotContain(log.Lines, line => line.Contains(PortalFixture.Code[1..], StringComparison.Ordinal)
            || line.Contains(FakeManagement.Secret, StringComparison.Ordinal) || line.Contains("token-1", StringComparison.Ordinal));
    }

    private sealed class EverythingLogged : ILoggerProvider, ILogger
    {
        public ConcurrentQueue<string> Lines { get; } = [];

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull
        {
            Lines.Enqueue($"scope {state}");
            return null;
        }

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Lines.Enqueue($"{eventId.Name} {formatter(state, exception)} {exception}");

        public void Dispose()
        {
        }
    }
}
