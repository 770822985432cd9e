using Postern.ControlPlane.Resources;

namespace Postern.ControlPlane.Access.Arm;

/// <summary><c>Microsoft.Authorization</c> at any scope: one handler per resource type.</summary>
internal sealed class AuthorizationProvider(IReadOnlyList<IAuthorizationType> types, IManagementAccess access) : IResourceProvider
{
    public string Namespace => AuthorizationIds.Namespace;

    public async ValueTask<ArmResponse> HandleAsync(ArmCall call, CancellationToken cancellation)
    {
        var tail = call.Path.Tail;
        var type = tail.Count is 1 or 2 ? types.FirstOrDefault(type => string.Equals(type.Name, tail[0], StringComparison.OrdinalIgnoreCase)) : null;
        if (type is null)
        {
            return ArmErrors.UnknownType($"{Namespace}/{(tail.Count == 0 ? "" : tail[0])}");
        }

        var address = new AuthorizationAddress(Rbac.ArmScope.Normalise(call.Path.Scope), $"{Namespace}/{type.Name}", tail.Count == 2 ? tail[1] : null);
        var operation = (call.Method, address.Name) switch
        {
            ("GET" or "HEAD", _) => "read",
            ("PUT", not null) => "write",
            ("DELETE", not null) => "delete",
            _ => null,
        };
        if (operation is null || !type.Operations.Contains(operation))
        {
            return ArmErrors.MethodNotAllowed(call.Method, address.Type);
        }

        if (await access.AuthorizeAsync(call.Caller, $"{address.Type}/{operation}", address.Id, cancellation) is { } refusal)
        {
            return Refused(refusal);
        }

        return (operation, address.Name) switch
        {
            ("read", null) => await type.ListAsync(call, address, cancellation),
            ("read", _) => await type.GetAsync(call, address, cancellation),
            ("write", _) => await type.PutAsync(call, address, cancellation),
            _ => await type.DeleteAsync(call, address, cancellation),
        };
    }

    public static ArmResponse Refused(AccessRefusal refusal) => new ArmError(refusal.Status, refusal.Code, refusal.Message, Diagnostic: refusal.Diagnostic);
}

/// <summary>One type of <c>Microsoft.Authorization</c>. The caller is authorized at the address before any of this is called.</summary>
internal interface IAuthorizationType
{
    /// <summary>Such as <c>roleAssignments</c>.</summary>
    string Name { get; }

    /// <summary>Of <c>read</c>, <c>write</c> and <c>delete</c>, those that there are.</summary>
    IReadOnlyCollection<string> Operations { get; }

    ValueTask<ArmResponse> ListAsync(ArmCall call, AuthorizationAddress address, CancellationToken cancellation);

    ValueTask<ArmResponse> GetAsync(ArmCall call, AuthorizationAddress address, CancellationToken cancellation);

    ValueTask<ArmResponse> PutAsync(ArmCall call, AuthorizationAddress address, CancellationToken cancellation);

    ValueTask<ArmResponse> DeleteAsync(ArmCall call, AuthorizationAddress address, CancellationToken cancellation);
}

/// <param name="Scope">Normalised.</param>
/// <param name="Type">Such as <c>Microsoft.Authorization/roleAssignments</c>.</param>
/// <param name="Name">Null for the collection.</param>
internal sealed record AuthorizationAddress(string Scope, string Type, string? Name)
{
    /// <summary>ARM id of the resource, or the scope for the collection.</summary>
    public string Id => Name is null ? Scope : AuthorizationIds.Id(Scope, Type, Name);
}
