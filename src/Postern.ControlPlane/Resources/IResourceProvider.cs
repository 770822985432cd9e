namespace Postern.ControlPlane.Resources;

/// <summary>
/// Serves a provider namespace whose resources extend any scope: <c>{scope}/providers/{namespace}/…</c>. The dispatcher has normalised
/// the path, checked that the caller is known and that the call has an api-version; authorization is the provider's own matter.
/// </summary>
internal interface IResourceProvider
{
    /// <summary>Such as <c>Microsoft.Authorization</c>.</summary>
    string Namespace { get; }

    ValueTask<ArmResponse> HandleAsync(ArmCall call, CancellationToken cancellation);
}
