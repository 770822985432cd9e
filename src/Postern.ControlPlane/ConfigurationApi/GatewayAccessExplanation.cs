using System.Text.Json.Nodes;
using Postern.ControlPlane.Access;
using Postern.ControlPlane.Store;

namespace Postern.ControlPlane.ConfigurationApi;

/// <summary><c>GET …/gateways/{id}/access</c>: why principals may or may not have the gateway's configuration.</summary>
internal sealed class GatewayAccessExplanation(ServiceDirectory services, ConfigurationRights rights, RecentCallers callers)
{
    /// <param name="gatewayId">ARM id of the gateway resource.</param>
    /// <param name="principalId">Whom to explain; null for those who asked within the last hour.</param>
    public async ValueTask<IReadOnlyList<JsonObject>> ExplainAsync(string gatewayId, string? principalId, CancellationToken cancellation)
    {
        if (await services.OfGatewayAsync(gatewayId, cancellation) is not { } service)
        {
            return [];
        }

        var recent = callers.Of(gatewayId);
        var explained = new List<JsonObject>();
        foreach (var id in principalId is null ? recent.Select(principal => principal.ObjectId) : [principalId])
        {
            var decision = await rights.DecideAsync(id, service, ResourceIds.NameOf(gatewayId), cancellation);
            var known = recent.FirstOrDefault(principal => principal.ObjectId == id);
            explained.Add(Json(decision, known));
        }

        return explained;
    }

    private static JsonObject Json(ConfigurationDecision decision, Principal? known) => new()
    {
        ["id"] = $"{decision.Scope}/access/{decision.PrincipalId}",
        ["type"] = "Microsoft.ApiManagement/service/gateways/access",
        ["name"] = decision.PrincipalId,
        ["properties"] = new JsonObject
        {
            ["principalId"] = decision.PrincipalId,
            ["applicationId"] = known?.ApplicationId,
            ["dataAction"] = ConfigurationRights.DataAction,
            ["scope"] = decision.Scope,
            ["allowed"] = decision.Allowed,
            ["diagnostic"] = decision.Failed?.Diagnostic,
            ["explanation"] = decision.Steps[^1].Message,
            ["cure"] = decision.Failed is { } failed ? AccessDiagnostics.All.First(entry => entry.Id == failed.Diagnostic).Cure : null,
            ["steps"] = new JsonArray([.. decision.Steps.Select(step => new JsonObject
            {
                ["step"] = step.Step.ToString(),
                ["passed"] = step.Diagnostic is null,
                ["message"] = step.Message,
                ["diagnostic"] = step.Diagnostic,
            })]),
        },
    };
}
