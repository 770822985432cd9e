using System.Net;
using System.Security.Cryptography.X509Certificates;

namespace Postern.Hosting.Tls;

/// <summary>The subject alternative names of a certificate.</summary>
public static class SubjectNames
{
    /// <param name="names">DNS names, wildcards among them, and IP addresses.</param>
    public static X509Extension Create(IReadOnlyList<string> names)
    {
        var alternatives = new SubjectAlternativeNameBuilder();
        foreach (var name in names)
        {
            if (IPAddress.TryParse(name, out var address))
            {
                alternatives.AddIpAddress(address);
            }
            else
            {
                alternatives.AddDnsName(name);
            }
        }

        return alternatives.Build();
    }
}
