using System.Security.Cryptography.X509Certificates;
using Postern.Gateway.Certificates;
using Postern.Snapshots;
using Postern.Testing;

namespace Postern.Gateway.Tests.Certificates;

public sealed class SharedCertificateTests
{
    [Fact]
    public void An_expression_cannot_take_a_certificate_from_the_others()
    {
        var file = TestAuthority.Root("CN=Shared").Client("CN=shared").Export(X509ContentType.Pkcs12, "p");
        var state = new CertificateState(new("shared", null, Convert.ToBase64String(file), "p"));

        using (var seen = state.Certificate)
        {
            seen.Reset();
        }

        Assert.Equal("CN=shared", state.Certificate.Subject);
        Assert.True(state.Certificate.HasPrivateKey);
    }
}
