using Microsoft.Extensions.Logging.Abstractions;
using Postern.ControlPlane.Access.GatewayTokens;

namespace Postern.ControlPlane.Tests.Access.GatewayTokens;

public sealed class GatewayTokenWatchTests
{
    private const string Gateway = "/subscriptions/s/resourceGroups/g/providers/Microsoft.ApiManagement/service/contoso/gateways/on-prem";

    private readonly ManualTime _time = new();
    private readonly GatewayTokenEvents _events = new(NullLogger.Instance);
    private readonly GatewayTokenWatch _watch;

    public GatewayTokenWatchTests() => _watch = new(_events, _time);

    [Fact]
    public void Near_expiry_is_raised_seven_days_ahead_and_then_daily_per_instance()
    {
        var token = Token(30);
        for (var hour = 0; hour < 30 * 24; hour++)
        {
            _watch.Used(Gateway, "one", token);
            _watch.Used(Gateway.ToUpperInvariant(), "two", token);
            _time.Advance(TimeSpan.FromHours(1));
        }

        Assert.Equal(14, _events.Recent.Count);
        Assert.All(_events.Recent, raised => Assert.Equal("Microsoft.ApiManagement.GatewayTokenNearExpiry", raised.Type));
        Assert.Equal(7, _events.Recent.Count(raised => raised.InstanceId == "one"));
        Assert.Equal(token.Expiry - TimeSpan.FromDays(7), _events.Recent[^1].At);
        Assert.Equal(token.Expiry, _events.Recent[0].Expiry);
    }

    [Fact]
    public void A_renewed_token_is_watched_anew()
    {
        _watch.Used(Gateway, "one", Token(5));
        _watch.Used(Gateway, "one", Token(30));
        _watch.Used(Gateway, "one", Token(6));

        Assert.Equal(2, _events.Recent.Count);
    }

    [Fact]
    public void An_expired_token_is_raised_once_for_each_instance_that_used_it()
    {
        var token = Token(1);
        _watch.Used(Gateway, "one", token);
        _watch.Used(Gateway, "two", token);
        _watch.Used(Gateway, "three", Token(20));
        _time.Advance(TimeSpan.FromDays(2));
        for (var i = 0; i < 5; i++)
        {
            _watch.Expired(Gateway, token);
        }

        Assert.Equal(["one", "two"], _events.Recent.Where(raised => raised.Kind == GatewayTokenEventKind.Expired).Select(raised => raised.InstanceId).Order());
    }

    [Fact]
    public void An_expired_token_of_nobody_known_is_raised_once()
    {
        var token = Token(-1);
        _watch.Expired(Gateway, token);
        _watch.Expired(Gateway, token);

        Assert.Equal("Microsoft.ApiManagement.GatewayTokenExpired", Assert.Single(_events.Recent).Type);
    }

    private GatewayToken Token(int days) => GatewayToken.Sign("on-prem", _time.GetUtcNow().AddDays(days), "key");
}
