using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace OpenCharly.Pods.Secrets;

/// <summary>What a VNC server shows to its clients before they give it a password: a TLS key with its certificate, and an RSA key.</summary>
/// <param name="TlsKey">Private key of the certificate, PEM.</param>
/// <param name="TlsCertificate">Certificate, signed by its own key, PEM.</param>
/// <param name="RsaKey">RSA private key in the PKCS#1 form, PEM.</param>
internal sealed record VncIdentity(string TlsKey, string TlsCertificate, string RsaKey)
{
    /// <summary>Makes one.</summary>
    /// <param name="host">Name of the container.</param>
    /// <param name="now">When it begins to hold; it holds for ten years, since clients remember it.</param>
    public static VncIdentity Create(string host, DateTimeOffset now)
    {
        using var tls = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        using var rsa = RSA.Create(2048);
        var request = new CertificateRequest($"CN={host}", tls, HashAlgorithmName.SHA384);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(host);
        names.AddDnsName("localhost");
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        using var certificate = request.CreateSelfSigned(now.AddDays(-1), now.AddYears(10));
        return new VncIdentity(tls.ExportECPrivateKeyPem() + "\n", certificate.ExportCertificatePem() + "\n", rsa.ExportRSAPrivateKeyPem() + "\n");
    }
}
