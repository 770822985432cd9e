using System.Security.Cryptography.X509Certificates;

namespace Postern.Gateway.Certificates;

/// <summary>
/// A certificate of the configuration. Expressions get it from <c>context.Deployment.Certificates</c>, and a <c>using</c> or <c>Reset</c> in one of
/// them must not take it from all others and from the backends; it goes when nobody refers to it any more.
/// </summary>
internal sealed class SharedCertificate(X509Certificate2 certificate) : X509Certificate2(certificate)
{
    public override void Reset()
    {
    }

    protected override void Dispose(bool disposing)
    {
    }
}
