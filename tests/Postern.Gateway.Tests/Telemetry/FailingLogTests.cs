using Microsoft.Extensions.Logging;
using Postern.Gateway.Tests.Parts;

namespace Postern.Gateway.Tests.Telemetry;

public sealed class FailingLogTests
{
    [Fact]
    public async Task A_log_that_fails_leaves_no_connection_to_the_backend_behind()
    {
        await using var backend = RawBackend.Saying("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf", close: false);
        await using var gateway = await TestGateway.PrepareAsync();
        gateway.Configuration.Put(
        [
            Entities.Service, Entities.Api("echo", "echo", backend.Address.ToString()),
            Entities.Policy("apis/echo", "<policies><inbound /><backend><forward-request /></backend><outbound><return-response><set-body>mine</set-body></return-response></outbound><on-error /></policies>"),
        ]);
        using var logging = LoggerFactory.Create(logs => logs.AddProvider(new FailingLogs()));
        await gateway.StartServerAsync(options => options with { Logging = logging });
        await gateway.Server.Ready.WaitAsync(TimeSpan.FromSeconds(20));

        for (var i = 0; i < 3; i++)
        {
            // Whether the caller sees the answer whole is not the point.
            await RawClient.SendAsync(gateway.Server.HttpAddress, "GET /echo/x HTTP/1.1\nHost: x\nConnection: close\n\n");
        }

        Assert.Equal(3, backend.Connections);
        await Until.TrueAsync(() => backend.Open == 0);
    }

    private sealed class FailingLogs : ILoggerProvider, ILogger
    {
        private string _category = "";

        public ILogger CreateLogger(string categoryName) => new FailingLogs { _category = categoryName };

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (_category == "GatewayLogs")
            {
                throw new IOException("The disk is full.");
            }
        }

        public void Dispose()
        {
        }
    }
}
