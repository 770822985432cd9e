using Postern.ControlPlane.Store;

namespace Postern.ControlPlane.Resources;

/// <summary>References inside bodies: full ids, or relative to the service as the contract allows (<c>/apis/echo</c>, <c>apis/echo</c>).</summary>
internal static class References
{
    private const string ServiceMark = "/providers/Microsoft.ApiManagement/service/";

    /// <summary>Id of the service that a resource belongs to; the id itself for a service.</summary>
    public static string ServiceOf(string id)
    {
        var mark = id.IndexOf(ServiceMark, StringComparison.OrdinalIgnoreCase);
        if (mark < 0)
        {
            return id;
        }

        var end = id.IndexOf('/', mark + ServiceMark.Length);
        return end < 0 ? id : id[..end];
    }

    /// <summary>The full id, or null when the reference leads to another service.</summary>
    public static string? Absolute(string serviceId, string reference)
    {
        var text = reference.Trim().TrimEnd('/');
        if (text.StartsWith("/subscriptions/", StringComparison.OrdinalIgnoreCase) && text.Contains(ServiceMark, StringComparison.OrdinalIgnoreCase))
        {
            return ResourceIds.IsAtOrBelow(text, serviceId) ? serviceId + text[serviceId.Length..] : null;
        }

        return text.Length == 0 || text == "/" ? serviceId : $"{serviceId}/{text.TrimStart('/')}";
    }

    /// <summary>The name after a collection segment, such as <c>echo</c> of <c>…/apis/echo</c>; null when the id has another shape.</summary>
    public static string? NameIn(string serviceId, string id, string collection)
    {
        var prefix = $"{serviceId}/{collection}/";
        return id.StartsWith(prefix, StringComparison.OrdinalIgnoreCase) && id.Length > prefix.Length && id.IndexOf('/', prefix.Length) < 0
            ? id[prefix.Length..]
            : null;
    }
}
