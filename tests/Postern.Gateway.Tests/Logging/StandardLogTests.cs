using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Postern.Hosting.Logging;

namespace Postern.Gateway.Tests.Logging;

public sealed class StandardLogTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 31, 12, 34, 56, 789, TimeSpan.Zero);

    [Theory]
    [InlineData(LogLevel.Information, "[Info] 2026-01-31T12:34:56.789 [ConfigurationUpdated], message: Revision 2., source: StateLoader")]
    [InlineData(LogLevel.Warning, "[Warn] 2026-01-31T12:34:56.789 [ConfigurationUpdated], message: Revision 2., source: StateLoader")]
    [InlineData(LogLevel.Error, "[Error]2026-01-31T12:34:56.789 [ConfigurationUpdated], message: Revision 2., source: StateLoader")]
    [InlineData(LogLevel.Critical, "[Fatal]2026-01-31T12:34:56.789 [ConfigurationUpdated], message: Revision 2., source: StateLoader")]
    [InlineData(LogLevel.Debug, "[Debug]2026-01-31T12:34:56.789 [ConfigurationUpdated], message: Revision 2., source: StateLoader")]
    public void Text_is_the_products(LogLevel level, string line) =>
        Assert.Equal(line + "\n", Write(new(StandardLogFormat.Text, LogLevel.Trace, false), logger => logger.Log(level, new EventId(1, "ConfigurationUpdated"), "Revision 2.")));

    [Fact]
    public void Colour_wraps_a_whole_record()
    {
        var text = Write(new(StandardLogFormat.Text, LogLevel.Trace, true), logger => logger.LogWarning(new EventId(1, "A"), "b"));

        Assert.Equal("\u001b[33m[Warn] 2026-01-31T12:34:56.789 [A], message: b, source: StateLoader\u001b[0m\n", text);
    }

    [Fact]
    public void A_correlation_id_and_an_exception_have_their_places_and_a_message_cannot_forge_a_record()
    {
        var text = Write(new(StandardLogFormat.Text, LogLevel.Trace, false), logger =>
            logger.LogError(new EventId(1, "A"), new InvalidOperationException("inner"), "b\r\n[Info] forged {CorrelationId}", "c-1"));

        Assert.Equal("[Error]2026-01-31T12:34:56.789 [A], message: b\\r\\n[Info] forged c-1, exception: System.InvalidOperationException: inner, source: StateLoader, correlationId: c-1\n", text);
    }

    [Fact]
    public void Json_is_one_valid_object_per_line()
    {
        var text = Write(new(StandardLogFormat.Json, LogLevel.Trace, true), logger =>
            logger.LogWarning(new EventId(1, "A"), new InvalidOperationException("inner"), "quote \" {ApiId} {Count}", "echo", 3));

        var json = JsonDocument.Parse(text.Split('\n')[0]).RootElement;
        Assert.Equal("Warning", json.GetProperty("level").GetString());
        Assert.Equal("2026-01-31T12:34:56.7890000Z", json.GetProperty("timestamp").GetString());
        Assert.Equal("A", json.GetProperty("eventType").GetString());
        Assert.Equal("quote \" echo 3", json.GetProperty("message").GetString());
        Assert.Equal("StateLoader", json.GetProperty("source").GetString());
        Assert.Equal("echo", json.GetProperty("apiId").GetString());
        Assert.Equal(3, json.GetProperty("count").GetInt32());
        Assert.Contains("inner", json.GetProperty("exception").GetString());
    }

    [Fact]
    public void A_request_record_is_its_fields()
    {
        KeyValuePair<string, object?>[] fields = [new("isRequestSuccess", true), new("totalTime", 17L), new("apiId", null), new("method", "GET")];

        Assert.Equal(
            "[Info] 2026-01-31T12:34:56.789 [GatewayLogs], isRequestSuccess: True, totalTime: 17, method: GET\n",
            Write(new(StandardLogFormat.Text, LogLevel.Trace, false), logger => logger.Log(LogLevel.Information, new EventId(1, "GatewayLogs"), fields, null, (_, _) => "")));
        Assert.Equal(
            "{\"isRequestSuccess\":true,\"totalTime\":17,\"method\":\"GET\"}\n",
            Write(new(StandardLogFormat.Json, LogLevel.Trace, false), logger => logger.Log(LogLevel.Information, new EventId(1, "GatewayLogs"), fields, null, (_, _) => "")));
    }

    [Theory]
    [InlineData(StandardLogFormat.None, LogLevel.Trace)]
    [InlineData(StandardLogFormat.Text, LogLevel.Warning)]
    public void What_is_below_the_level_is_not_built(StandardLogFormat format, LogLevel least)
    {
        var text = Write(new(format, least, false), logger =>
        {
            Assert.False(logger.IsEnabled(LogLevel.Information));
            logger.Log<object?>(LogLevel.Information, default, null, null, (_, _) => throw new InvalidOperationException("built"));
        });

        Assert.Equal("", text);
    }

    private static string Write(StandardLogOptions options, Action<ILogger> log)
    {
        using var stream = new MemoryStream();
        using (var provider = new StandardLoggerProvider(options, stream, new StandingClock()))
        {
            log(provider.CreateLogger("Postern.Gateway.Loading.StateLoader"));
        }

        return Encoding.UTF8.GetString(stream.ToArray());
    }

    private sealed class StandingClock : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => Now;
    }
}
