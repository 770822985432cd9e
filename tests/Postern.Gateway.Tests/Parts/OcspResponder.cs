using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Http;
using Postern.Testing;

namespace Postern.Gateway.Tests.Parts;

/// <summary>Answers questions about revocation over HTTP with what <c>openssl ocsp</c> makes of them.</summary>
internal sealed class OcspResponder : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly SemaphoreSlim _one = new(1);
    private readonly List<string> _index = [];
    private TestBackend _server = null!;
    private int _questions;

    private OcspResponder()
    {
    }

    public Uri Address => _server.Address;

    public int Questions => Volatile.Read(ref _questions);

    public static async Task<OcspResponder> StartAsync()
    {
        var responder = new OcspResponder();
        responder._server = await TestBackend.StartAsync(responder.AnswerAsync);
        return responder;
    }

    public void Speak(TestAuthority authority)
    {
        File.WriteAllText(_folder.In("ca.pem"), authority.Pem);
        File.WriteAllText(_folder.In("ca.key"), authority.Certificate.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem());
    }

    public void Know(X509Certificate2 certificate, bool revoked)
    {
        static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyMMddHHmmss'Z'", CultureInfo.InvariantCulture);
        _index.Add($"{(revoked ? 'R' : 'V')}\t{Time(certificate.NotAfter)}\t{(revoked ? Time(certificate.NotBefore) : "")}\t{certificate.SerialNumber}\tunknown\t/{certificate.Subject}");
        File.WriteAllLines(_folder.In("index.txt"), _index);
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _one.Dispose();
        _folder.Dispose();
    }

    private async Task AnswerAsync(HttpContext context)
    {
        Interlocked.Increment(ref _questions);
        byte[] question;
        if (HttpMethods.IsGet(context.Request.Method))
        {
            question = Convert.FromBase64String(Uri.UnescapeDataString(context.Request.Path.Value!.TrimStart('/')));
        }
        else
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body);
            question = body.ToArray();
        }

        await _one.WaitAsync();
        try
        {
            await File.WriteAllBytesAsync(_folder.In("question"), question);
            using var openssl = Process.Start(new ProcessStartInfo(
                "openssl", ["ocsp", "-index", "index.txt", "-CA", "ca.pem", "-rsigner", "ca.pem", "-rkey", "ca.key", "-ndays", "1", "-reqin", "question", "-respout", "answer"])
            {
                WorkingDirectory = Path.GetDirectoryName(_folder.In("question")),
                RedirectStandardError = true,
                RedirectStandardOutput = true,
            })!;
            await Task.WhenAll(openssl.StandardError.ReadToEndAsync(), openssl.StandardOutput.ReadToEndAsync());
            await openssl.WaitForExitAsync();
            context.Response.ContentType = "application/ocsp-response";
            await context.Response.Body.WriteAsync(await File.ReadAllBytesAsync(_folder.In("answer")));
        }
        finally
        {
            _one.Release();
        }
    }
}
