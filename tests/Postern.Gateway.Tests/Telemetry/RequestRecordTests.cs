using Microsoft.AspNetCore.Http;
using Postern.Gateway.Tests.Parts;

namespace Postern.Gateway.Tests.Telemetry;

public sealed class RequestRecordTests
{
    [Fact]
    public async Task Each_request_is_recorded_with_the_products_fields_and_without_its_key()
    {
        await using var backend = await TestBackend.StartAsync(context => context.Response.WriteAsync("hello"));
        await using var gateway = await TestGateway.StartAsync(
            Entities.Api("echo", "echo", backend.Address.ToString(), subscriptionRequired: true), Entities.Subscription("s", "all"));

        await gateway.Client.GetStringAsync("/echo/x?subscription-key=s-primary&y=1");
        await Until.TrueAsync(() => gateway.Logs.CountOf("GatewayLogs") == 1);

        var text = gateway.Logs.Records.Single(record => record.Event == "GatewayLogs").Text;
        Assert.StartsWith("isRequestSuccess: True, totalTime: ", text);
        foreach (var field in new[]
        {
            "category: GatewayLogs", "callerIpAddress: 127.0.0.1", "region: cellar", "method: GET", $"url: {gateway.Server.HttpAddress}echo/x?subscription-key=***&y=1",
            "backendResponseCode: 200", "responseCode: 200", "responseSize: 5", "cache: none", "apiId: echo", "operationId: op0", "apimSubscriptionId: master",
            "clientProtocol: HTTP/1.1", $"backendUrl: {backend.Address}x?subscription-key=***&y=1", "apiRevision: 1",
        })
        {
            Assert.Contains(field, text);
        }

        Assert.DoesNotContain("s-primary", text);
        Assert.DoesNotContain("lastError", text);
    }

    [Fact]
    public async Task A_refusal_is_recorded_with_its_error()
    {
        await using var gateway = await TestGateway.StartAsync();

        using var response = await gateway.GetAsync("/nowhere");
        await Until.TrueAsync(() => gateway.Logs.CountOf("GatewayLogs") == 1);

        var text = gateway.Logs.Records.Single(record => record.Event == "GatewayLogs").Text;
        Assert.StartsWith("isRequestSuccess: False", text);
        Assert.Contains("\"source\":\"configuration\",\"reason\":\"OperationNotFound\",\"message\":\"Unable to match incoming request to an operation.\",\"section\":\"backend\"", text);
    }
}
