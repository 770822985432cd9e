using Microsoft.AspNetCore.Http;
using Postern.ControlPlane.Access;

namespace Postern.ControlPlane.Resources;

/// <summary>One management call: who asks what of which path.</summary>
/// <param name="Path">Normalised and decoded.</param>
/// <param name="Caller">Authenticated.</param>
internal sealed record ArmCall(HttpRequest Request, ArmPath Path, ArmQuery Query, Principal Caller)
{
    /// <summary>Upper case.</summary>
    public string Method => Request.Method;

    /// <summary>Origin that the caller used, without a slash at the end: what nextLink and Location begin with.</summary>
    public string Origin => $"{Request.Scheme}://{Request.Host}";

    public IfMatch IfMatch => IfMatch.From(Request.Headers.IfMatch);

    /// <summary>The JSON object of the body, null when there is none, or why it can't be read.</summary>
    public ValueTask<ArmBody> ReadBodyAsync(CancellationToken cancellation) => ArmBody.ReadAsync(Request, cancellation);
}
