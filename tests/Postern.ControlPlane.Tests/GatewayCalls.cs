using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Postern.Snapshots;

namespace Postern.ControlPlane.Tests;

/// <summary>Calls of the configuration API as a gateway makes them, with a token made from the gateway's key.</summary>
internal static class GatewayCalls
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    extension(RunningControlPlane plane)
    {
        public async Task<Snapshot> SnapshotAsync(string service, string gateway)
        {
            using var response = await plane.SendAsGatewayAsync(HttpMethod.Get, service, gateway, "snapshot", null);
            return (await response.Content.ReadFromJsonAsync(SnapshotJson.Default.Snapshot, Cancellation))!;
        }

        public async Task PostAsGatewayAsync<T>(string service, string gateway, string call, T body, JsonTypeInfo<T> type)
        {
            using var response = await plane.SendAsGatewayAsync(HttpMethod.Post, service, gateway, call, JsonContent.Create(body, type));
        }

        private async Task<HttpResponseMessage> SendAsGatewayAsync(HttpMethod method, string service, string gateway, string call, HttpContent? content)
        {
            var (_, token) = await plane.SendAsync(
                HttpMethod.Post, $"{service}/gateways/{gateway}/generateToken",
                new() { ["keyType"] = "primary", ["expiry"] = TimeProvider.System.GetUtcNow().AddDays(1).ToString("O") });
            using var request = new HttpRequestMessage(method, new UriBuilder(plane.Address) { Path = $"/gateways/{gateway}/{call}" }.Uri) { Content = content };
            request.Headers.Host = $"{service[(service.LastIndexOf('/') + 1)..]}.configuration.example:{plane.Address.Port}";
            request.Headers.TryAddWithoutValidation("Authorization", $"GatewayKey {token["value"]}");
            var response = await plane.Anonymous.SendAsync(request, Cancellation);
            Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync(Cancellation));
            return response;
        }
    }
}
