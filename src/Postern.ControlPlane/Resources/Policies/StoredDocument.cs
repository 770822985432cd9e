using Postern.ControlPlane.Store;
using Postern.Policies;

namespace Postern.ControlPlane.Resources.Policies;

/// <summary>The row of a policy or fragment as the document that it holds.</summary>
internal static class StoredDocument
{
    public static PolicySource Of(ResourceRow row, PolicyScope scope)
    {
        var properties = ArmJson.ParseObject(row.Body).Properties();
        return new(scope, PolicyNames.Of(row.Id), FormatOf(properties.Text("format")), properties.Text("value") ?? "");
    }

    public static PolicyFormat FormatOf(string? format) => format == "rawxml" ? PolicyFormat.RawXml : PolicyFormat.Xml;

    /// <param name="type">Of the resource, such as <c>Microsoft.ApiManagement/service/apis/policies</c>.</param>
    public static PolicyScope ScopeOf(string type) => type.ToLowerInvariant().Split('/') switch
    {
        [.., "policyfragments"] => PolicyScope.Fragment,
        [.., "products", "policies"] => PolicyScope.Product,
        [.., "apis", "policies"] => PolicyScope.Api,
        [.., "operations", "policies"] => PolicyScope.Operation,
        _ => PolicyScope.Global,
    };
}
