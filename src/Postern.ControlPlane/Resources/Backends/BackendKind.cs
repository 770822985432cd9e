namespace Postern.ControlPlane.Resources.Backends;

/// <summary>Where requests go: one address, or a pool of backends. Credentials are sealed in the store and shown in answers, as the contract has it.</summary>
internal sealed class BackendKind(KindServices services) : ResourceKind(TypeName)
{
    public const string TypeName = "Microsoft.ApiManagement/service/backends";

    public override IReadOnlyList<Member> Members => BackendMembers.Declared;

    public override async ValueTask<ArmError?> PrepareAsync(ResourceChange change, CancellationToken cancellation)
    {
        if (string.Equals(change.Properties.Text("type"), "Pool", StringComparison.OrdinalIgnoreCase))
        {
            await PoolRules.CheckAsync(services.Store, change, cancellation);
        }
        else
        {
            SingleRules.Check(change);
            await SingleRules.CheckCertificatesAsync(services.Store, change, cancellation);
            CircuitBreakerRules.Check(change);
        }

        return null;
    }

    public override async ValueTask<ArmError?> DeletingAsync(ResourceRemoval removal, CancellationToken cancellation) =>
        await PoolRules.FindUserAsync(services.Store, removal.Row.ParentId, removal.Row.Id, cancellation) is { } pool
            ? ArmErrors.BadRequest($"The backend is a member of the pool '{pool}'.", removal.Row.Name)
            : null;
}
