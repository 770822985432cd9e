using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Postern.ControlPlane.Access.Arm;
using Postern.ControlPlane.Access.Groups;

namespace Postern.ControlPlane.Access.RemoteRoles;

/// <summary>
/// Tokens from a managed identity endpoint in App Service's shape (<c>IDENTITY_ENDPOINT</c> and <c>IDENTITY_HEADER</c>). The local authority
/// gives a service's identity its own endpoint and header when the control plane asks for them through Graph; another control plane
/// asking voids them, so that a refusal means to ask again.
/// </summary>
internal sealed class ManagedIdentityTokens(HttpClient client, GraphClient graph, TimeProvider time) : IServiceIdentityTokens
{
    private const string ApiVersion = "2019-08-01";

    /// <summary>A token is renewed this long before it ends.</summary>
    private static readonly TimeSpan Ahead = TimeSpan.FromMinutes(5);

    private readonly ConcurrentDictionary<string, Held> _held = new(StringComparer.OrdinalIgnoreCase);

    public async ValueTask<IdentityTokenOutcome> TokenAsync(ServiceIdentity identity, string resource, CancellationToken cancellation)
    {
        if (_held.TryGetValue(identity.PrincipalId, out var held) && held.Token is { } known && held.Resource == resource && time.GetUtcNow() < held.Until)
        {
            return new(known, null);
        }

        try
        {
            return await FetchAsync(identity, held, resource, cancellation);
        }
        catch (Exception error) when (error is HttpRequestException or IOException or JsonException
            || (error is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            return new(null, $"the managed identity endpoint can't be reached: {error.Message}");
        }
    }

    public void Forget(ServiceIdentity identity)
    {
        if (_held.TryGetValue(identity.PrincipalId, out var held))
        {
            _held[identity.PrincipalId] = held with { Token = null };
        }
    }

    private async ValueTask<IdentityTokenOutcome> FetchAsync(ServiceIdentity identity, Held? held, string resource, CancellationToken cancellation)
    {
        for (var attempt = 0; attempt < 2; attempt++)
        {
            if (held is null)
            {
                var (answer, problem) = await graph.CallAsync($"servicePrincipals/{Uri.EscapeDataString(identity.PrincipalId)}/resetIdentityHeader", [], cancellation);
                if (RoleBodies.Text(answer?["IDENTITY_HEADER"]) is not { } header || !Uri.TryCreate(RoleBodies.Text(answer?["IDENTITY_ENDPOINT"]), UriKind.Absolute, out var endpoint))
                {
                    return new(null, problem ?? $"the directory knows no managed identity '{identity.PrincipalId}'");
                }

                held = new(endpoint, header, "", null, default);
            }

            using var request = new HttpRequestMessage(HttpMethod.Get, $"{held.Endpoint}?api-version={ApiVersion}&resource={Uri.EscapeDataString(resource)}");
            request.Headers.Add("X-IDENTITY-HEADER", held.Header);
            using var response = await client.SendAsync(request, cancellation);
            if (response.StatusCode == HttpStatusCode.Unauthorized)
            {
                held = null;
                continue;
            }

            if (!response.IsSuccessStatusCode)
            {
                return new(null, $"the managed identity endpoint answered {(int)response.StatusCode}");
            }

            var body = JsonNode.Parse(await response.Content.ReadAsStringAsync(cancellation)) as JsonObject;
            if (RoleBodies.Text(body?["access_token"]) is not { } token)
            {
                return new(null, "the managed identity endpoint's answer has no access_token");
            }

            var until = long.TryParse(RoleBodies.Text(body?["expires_on"]), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
                ? DateTimeOffset.FromUnixTimeSeconds(Math.Min(seconds, 253_402_300_799)) - Ahead
                : time.GetUtcNow();
            _held[identity.PrincipalId] = held with { Resource = resource, Token = token, Until = until };
            return new(token, null);
        }

        return new(null, "the managed identity endpoint does not accept the identity's header");
    }

    /// <summary>Header and token are secrets: never printed.</summary>
    private sealed record Held(Uri Endpoint, string Header, string Resource, string? Token, DateTimeOffset Until)
    {
        public override string ToString() => nameof(Held);
    }
}
