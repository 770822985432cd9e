namespace Postern.ControlPlane.Access.GatewayTokens;

/// <summary>Takes the events about gateway tokens.</summary>
internal interface IGatewayTokenEvents
{
    void Raise(GatewayTokenEvent happened);

    /// <summary>The newest ones, newest first.</summary>
    IReadOnlyList<GatewayTokenEvent> Recent { get; }
}

internal enum GatewayTokenEventKind
{
    /// <summary><c>Microsoft.ApiManagement.GatewayTokenNearExpiry</c>.</summary>
    NearExpiry,

    /// <summary><c>Microsoft.ApiManagement.GatewayTokenExpired</c>.</summary>
    Expired,
}

/// <param name="GatewayId">ARM id of the gateway resource.</param>
/// <param name="InstanceId">Empty when it isn't known.</param>
internal sealed record GatewayTokenEvent(GatewayTokenEventKind Kind, string GatewayId, string InstanceId, DateTimeOffset Expiry, DateTimeOffset At)
{
    /// <summary>The event type, as subscribers know it.</summary>
    public string Type => $"Microsoft.ApiManagement.GatewayToken{Kind}";
}
