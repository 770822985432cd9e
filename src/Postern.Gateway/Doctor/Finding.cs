namespace Postern.Gateway.Doctor;

/// <summary>What one link of the chain between a gateway and its configuration looks like. Holds nothing secret.</summary>
/// <param name="Link">Such as <c>token</c>.</param>
/// <param name="Detail">What was seen, or what is wrong.</param>
/// <param name="Diagnostic">Id of what is wrong; null when the link is sound.</param>
/// <param name="Cure">How to mend it; null when the link is sound.</param>
public sealed record Finding(string Link, string Detail, string? Diagnostic = null, string? Cure = null)
{
    public bool Sound => Diagnostic is null;
}
