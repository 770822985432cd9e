using System.Diagnostics;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Postern.Testing;

namespace Postern.EndToEnd.Tests;

/// <summary>Host names, certificates and authorities by management calls, seen by <c>openssl s_client</c>.</summary>
public sealed class TlsTests(RunningSystem system)
{
    private readonly TestAuthority _authority = TestAuthority.Root();

    private int Port => new Uri(system["GATEWAY_URL"]).Port;

    [Fact]
    public async Task Host_names_come_change_and_go_while_requests_go_on()
    {
        using var stop = new CancellationTokenSource();
        var failures = new List<string>();
        var calls = Task.Run(async () =>
        {
            var count = 0;
            while (!stop.IsCancellationRequested)
            {
                // A connection of its own each time.
                var seen = await SeenAsync("one.tls.test", "GET /sales/orders/17 HTTP/1.1");
                if (!seen.Contains("HTTP/1.1 401", StringComparison.Ordinal))
                {
                    failures.Add(seen);
                }

                count++;
            }

            return count;
        });
        Assert.DoesNotContain("one.tls.test", await SubjectAsync("one.tls.test"), StringComparison.Ordinal);

        await PutCertificateAsync("tls-one", _authority.Server("one.tls.test"));
        await PutAsync("gateways/edge/hostnameConfigurations/tls-one", new() { ["hostname"] = "one.tls.test", ["certificateId"] = "/certificates/tls-one" });
        await Until.TrueAsync("the host name's certificate is served", async () => await SubjectAsync("one.tls.test") == "CN = one.tls.test");
        Assert.DoesNotContain("one.tls.test", await SubjectAsync("two.tls.test"), StringComparison.Ordinal);

        await PutCertificateAsync("tls-one", _authority.Server("renewed.tls.test", "one.tls.test"));
        await Until.TrueAsync("the renewed certificate is served", async () => await SubjectAsync("one.tls.test") == "CN = renewed.tls.test");

        Assert.Equal(200, (await system.ArmAsync(HttpMethod.Delete, $"{system.Service}/gateways/edge/hostnameConfigurations/tls-one", ifMatch: "*")).Status);
        await Until.TrueAsync("the default certificate is served", async () => !(await SubjectAsync("one.tls.test")).Contains("tls.test", StringComparison.Ordinal));
        await stop.CancelAsync();
        Assert.True(await calls > 3);
        Assert.Empty(failures);
    }

    [Fact]
    public async Task A_client_certificate_is_asked_for_and_believed_when_its_authority_is()
    {
        using var folder = new TemporaryFolder();
        using var client = _authority.Client("CN=carol");
        var (certificate, key) = (folder.In("client.pem"), folder.In("client.key"));
        await File.WriteAllTextAsync(certificate, client.ExportCertificatePem());
        await File.WriteAllTextAsync(key, client.GetRSAPrivateKey()!.ExportPkcs8PrivateKeyPem());
        await PutCertificateAsync("tls-mutual", _authority.Server("api.mutual.test"));
        await PutAsync("certificates/tls-ca", new() { ["data"] = Convert.ToBase64String(_authority.Certificate.RawData) });
        await PutAsync("gateways/edge/hostnameConfigurations/tls-mutual", new() { ["hostname"] = "*.mutual.test", ["certificateId"] = "/certificates/tls-mutual", ["negotiateClientCertificate"] = true, ["http2Enabled"] = false });
        await PutAsync("apis/tls-mutual", new() { ["displayName"] = "TLS", ["path"] = "tls-mutual", ["protocols"] = new JsonArray("https"), ["subscriptionRequired"] = false });
        await PutAsync("apis/tls-mutual/operations/who", new() { ["displayName"] = "Who", ["method"] = "GET", ["urlTemplate"] = "/who" });
        await PutAsync("apis/tls-mutual/policies/policy", new() { ["format"] = "rawxml", ["value"] = "<policies><inbound><validate-client-certificate /><return-response><set-body>@(context.Request.Certificate.Subject)</set-body></return-response></inbound></policies>" });
        await PutAsync("gateways/edge/apis/tls-mutual", []);
        const string Request = "GET /tls-mutual/who HTTP/1.1";
        string[] with = ["-cert", certificate, "-key", key];

        await Until.TrueAsync("the API asks for a trusted certificate", async () => (await SeenAsync("api.mutual.test", Request, with)).Contains("Invalid client certificate", StringComparison.Ordinal));
        await PutAsync("gateways/edge/certificateAuthorities/tls-ca", new() { ["isTrusted"] = true });
        await Until.TrueAsync("the authority is trusted", async () => (await SeenAsync("api.mutual.test", Request, with)).Contains("CN=carol", StringComparison.Ordinal));
        foreach (var version in (string[])["-tls1_2", "-tls1_3"])
        {
            Assert.Contains("CN=carol", await SeenAsync("api.mutual.test", Request, [.. with, version]), StringComparison.Ordinal);
            Assert.Contains("401", await SeenAsync("api.mutual.test", Request, version), StringComparison.Ordinal);
        }

        Assert.Contains("ALPN protocol: http/1.1", await HandshakeAsync("api.mutual.test", "-alpn", "h2,http/1.1"), StringComparison.Ordinal);
        Assert.Contains("ALPN protocol: h2", await HandshakeAsync("other.test", "-alpn", "h2,http/1.1"), StringComparison.Ordinal);
        await system.ArmAsync(HttpMethod.Delete, $"{system.Service}/gateways/edge/certificateAuthorities/tls-ca", ifMatch: "*");
        await Until.TrueAsync("the authority is not trusted any more", async () => (await SeenAsync("api.mutual.test", Request, with)).Contains("Invalid client certificate", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Old_versions_are_spoken_where_process_and_host_name_allow_them()
    {
        await PutAsync("gateways/tls-old", new() { ["locationData"] = new JsonObject { ["name"] = "here" } });
        await PutCertificateAsync("tls-old", _authority.Server("old.test"));
        await PutAsync("gateways/tls-old/hostnameConfigurations/ten", new() { ["hostname"] = "ten.test", ["certificateId"] = "/certificates/tls-old", ["tls10Enabled"] = true });
        await PutAsync("gateways/tls-old/hostnameConfigurations/eleven", new() { ["hostname"] = "eleven.test", ["certificateId"] = "/certificates/tls-old", ["tls11Enabled"] = true });
        await PutAsync("gateways/tls-old/hostnameConfigurations/new", new() { ["hostname"] = "new.test", ["certificateId"] = "/certificates/tls-old" });
        var settings = system.GatewaySettings();
        settings["gateway.name"] = "tls-old";
        settings["net.server.tls.old-versions.enabled"] = "true";
        await using var gateway = RunningSystem.StartGateway(settings);
        var port = int.Parse(Regex.Match(await gateway.LineAsync(line => line.Contains("listening on", StringComparison.Ordinal)), @"and (\d+) \(https\)").Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture);
        await gateway.LineAsync(line => line.Contains("is in use", StringComparison.Ordinal));

        (string Name, string Version, bool Spoken)[] expected =
        [
            ("ten.test", "-tls1", true), ("ten.test", "-tls1_1", false), ("ten.test", "-tls1_3", true),
            ("eleven.test", "-tls1_1", true), ("eleven.test", "-tls1", false),
            ("new.test", "-tls1_1", false), ("new.test", "-tls1_2", true), ("nobody.test", "-tls1", false),
        ];
        foreach (var (name, version, spoken) in expected)
        {
            var seen = await OpenSslAsync("", port, name, version, "-cipher", "DEFAULT@SECLEVEL=0");
            Assert.True(seen.Contains("Cipher is (NONE)", StringComparison.Ordinal) != spoken, $"{name} {version}\n{seen}");
        }

        Assert.Equal(0, await gateway.TerminateAsync());
    }

    private Task<Answer> PutCertificateAsync(string name, X509Certificate2 certificate) =>
        PutAsync($"certificates/{name}", new() { ["data"] = Convert.ToBase64String(certificate.Export(X509ContentType.Pkcs12, "pfx")), ["password"] = "pfx" });

    private async Task<Answer> PutAsync(string path, JsonObject properties)
    {
        var answer = await system.ArmAsync(HttpMethod.Put, $"{system.Service}/{path}", new JsonObject { ["properties"] = properties });
        Assert.True(answer.Status is 200 or 201, $"{path}: {answer}");
        return answer;
    }

    private async Task<string> SubjectAsync(string name) => Regex.Match(await HandshakeAsync(name), "^subject=(.*)$", RegexOptions.Multiline).Groups[1].Value;

    private Task<string> HandshakeAsync(string name, params string[] more) => OpenSslAsync("", Port, name, more);

    /// <returns>The answer to one request, with what openssl says around it.</returns>
    private Task<string> SeenAsync(string name, string request, params string[] more) =>
        OpenSslAsync($"{request}\r\nHost: {name}\r\nConnection: close\r\n\r\n", Port, name, ["-quiet", .. more]);

    private static async Task<string> OpenSslAsync(string input, int port, string name, params string[] more)
    {
        using var process = Process.Start(new ProcessStartInfo("openssl", ["s_client", "-connect", $"localhost:{port}", "-servername", name, .. more])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.StandardInput.WriteAsync(input);
        await process.StandardInput.FlushAsync();
        if (input.Length == 0)
        {
            process.StandardInput.Close();
        }

        await process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(30));
        return await output + await errors;
    }
}
