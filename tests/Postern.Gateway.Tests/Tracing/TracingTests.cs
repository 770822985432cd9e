using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Postern.Gateway.Tests.Parts;
using Postern.Snapshots;

namespace Postern.Gateway.Tests.Tracing;

/// <summary>Debug tokens at a real gateway, and what it records for them.</summary>
public sealed class TracingTests
{
    private const string Key = "the debug key of this gateway";

    private static readonly CancellationToken Cancellation = TestContext.Current.CancellationToken;

    private static readonly DateTimeOffset Soon = TimeProvider.System.GetUtcNow().AddMinutes(30);

    [Fact]
    public async Task A_traced_request_shows_its_policies_with_their_times_and_the_backend_call()
    {
        await using var backend = await TestBackend.StartAsync(async context =>
        {
            context.Response.ContentType = "application/json";
            await context.Response.WriteAsync("""{"order":17}""");
        });
        await using var gateway = await StartAsync(backend, """
            <policies><inbound>
              <base />
              <choose><when condition="@(true)"><set-header name="X-Colour" exists-action="override"><value>green</value></set-header></when></choose>
              <set-variable name="answer" value="@(42)" />
              <trace source="shop" severity="information"><message>something to see</message><metadata name="order" value="17" /></trace>
            </inbound><backend><base /></backend><outbound><base /><set-status code="202" reason="Taken" /></outbound><on-error><base /></on-error></policies>
            """);

        using var answer = await SendAsync(gateway, "/echo/orders?x=1", DebugToken.Sign("ECHO", Soon, Key).Value, new StringContent("hello", Encoding.UTF8, "text/plain"));
        var trace = await TraceAsync(gateway, answer);

        Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
        Assert.Equal(["inbound", "backend", "outbound"], trace.Entries.Keys);
        Assert.Equal("echo", trace.ApiId);
        var inbound = trace.Entries["inbound"];
        Assert.Equal(["api-inspector", "api-inspector", "choose", "set-header", "set-variable", "trace", "shop"], inbound.Select(entry => entry.Source));
        Assert.Equal("hello", inbound[0].Data!["request"]!["body"]!["text"]!.GetValue<string>());
        Assert.EndsWith("/echo/orders?x=1", inbound[0].Data!["request"]!["url"]!.GetValue<string>());
        Assert.Equal("/echo", inbound[1].Data!["configuration"]!["api"]!["from"]!.GetValue<string>());
        Assert.Equal("Request header 'X-Colour' was set to 'green'", Message(inbound[3]));
        Assert.Equal(("api", @"choose[1]\when[1]\set-header[1]"), (inbound[3].Scope, inbound[3].Path));
        Assert.Equal("Variable 'answer' was set to 42", Message(inbound[4]));
        Assert.Equal("17", inbound[6].Data!["metadata"]!["order"]!.GetValue<string>());
        Assert.All(inbound.Skip(2).Take(4), entry => Assert.True(entry.Duration > TimeSpan.Zero, entry.Source));
        Assert.True(inbound[2].Duration >= inbound[3].Duration);
        Assert.Equal(inbound.Select(entry => entry.Elapsed).Order(), inbound.Select(entry => entry.Elapsed));

        var calls = trace.Entries["backend"].Where(entry => entry.Source == "forward-request").ToList();
        Assert.Contains(calls, call => call.Data!["request"]?["url"]?.GetValue<string>() == backend.Address + "orders?x=1");
        Assert.Contains(calls, call => call.Data!["response"]?["status"]?["code"]?.GetValue<string>() == "OK" && call.Duration > TimeSpan.Zero);

        var outbound = trace.Entries["outbound"];
        Assert.Equal(["Response status code was set to 202", "Response status reason was set to 'Taken'"],
            outbound.Single(entry => entry.Source == "set-status").Data!["message"]!.AsArray().Select(text => text!.GetValue<string>()));
        Assert.Equal("Response has been sent to the caller in full", outbound[^1].Data!["message"]!.GetValue<string>());
        Assert.Equal("""{"order":17}""", outbound[^1].Data!["response"]!["body"]!["text"]!.GetValue<string>());
    }

    [Fact]
    public async Task No_credential_is_in_a_trace_wherever_it_went()
    {
        await using var backend = await TestBackend.StartAsync(async context =>
        {
            context.Response.Headers.SetCookie = "session=COOKIEFROMBACKEND";
            context.Response.ContentType = "application/json";
            await context.Response.WriteAsync("""{"access_token":"TOKENINBODY","note":"NAMEDSECRET came back"}""");
        });
        await using var gateway = await StartAsync(
            backend,
            """
            <policies><inbound><base />
              <set-header name="X-Named" exists-action="override"><value>{{hidden}}</value></set-header>
              <set-variable name="copied" value="@(context.Request.Headers.GetValueOrDefault("Authorization", ""))" />
              <set-variable name="key" value="@(context.Subscription.Key)" />
              <authentication-basic username="bob" password="BASICPASSWORD" />
              <set-query-parameter name="copy" exists-action="override"><value>@(System.Uri.EscapeDataString(context.Subscription.PrimaryKey))</value></set-query-parameter>
              <set-backend-service backend-id="named" />
            </inbound><backend><base /></backend><outbound><base /></outbound><on-error><base /></on-error></policies>
            """,
            new NamedValueSnapshot("hidden", "hidden", "NAMEDSECRET", true),
            new BackendSnapshot(
                "named", backend.Address.ToString(), "http", new Dictionary<string, IReadOnlyList<string>> { ["X-Backend-Id"] = ["BACKENDHEADER"] },
                new Dictionary<string, IReadOnlyList<string>>(), null, null, true, true));
        using var request = new HttpRequestMessage(HttpMethod.Post, "/echo/x?subscription-key=all-primary&debug=1")
        {
            Content = new StringContent("client_secret=FORMSECRET&user=bob", Encoding.UTF8, "application/x-www-form-urlencoded"),
        };
        request.Headers.Add("Authorization", "Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJib2IifQ.CALLERTOKEN");
        request.Headers.Add("Cookie", "session=COOKIEFROMCALLER");
        request.Headers.Add(DebugToken.Header, DebugToken.Sign("echo", Soon, Key).Value);
        using var answer = await gateway.Client.SendAsync(request, Cancellation);

        var text = JsonSerializer.Serialize(await TraceAsync(gateway, answer), SnapshotJson.Default.GatewayTrace);

        Assert.All(
            (string[])["COOKIEFROMBACKEND", "TOKENINBODY", "NAMEDSECRET", "BASICPASSWORD", "BACKENDHEADER", "FORMSECRET", "CALLERTOKEN", "COOKIEFROMCALLER", "all-primary", "all-secondary", Key, "sn="],
            secret => Assert.False(text.Contains(secret, StringComparison.Ordinal), secret));
        Assert.DoesNotContain(Convert.ToBase64String(Encoding.UTF8.GetBytes("bob:BASICPASSWORD")), text);
        Assert.Contains("user=bob", text);
    }

    [Fact]
    public async Task A_token_that_is_not_good_traces_nothing_and_says_why()
    {
        var seen = "";
        await using var backend = await TestBackend.StartAsync(context =>
        {
            seen = context.Request.Headers[DebugToken.Header].ToString();
            return Task.CompletedTask;
        });
        await using var gateway = await StartAsync(backend, null, Entities.Api("other", "other", backend.Address.ToString()));

        async Task<HttpResponseMessage> With(string token, string path = "/echo/x") => await SendAsync(gateway, path, token);
        using var expired = await With(DebugToken.Sign("echo", Soon.AddHours(-1), Key).Value);
        using var forged = await With(DebugToken.Sign("echo", Soon, "another key").Value);
        using var changed = await With(DebugToken.Sign("other", Soon, Key).Value.Replace("aid=other", "aid=echo", StringComparison.Ordinal));
        using var nonsense = await With("give me a trace");
        using var wrongApi = await With(DebugToken.Sign("echo", Soon, Key).Value, "/other/x");
        using var noApi = await With(DebugToken.Sign("echo", Soon, Key).Value, "/nowhere");
        using var wrongRevision = await With(DebugToken.Sign("echo;rev=2", Soon, Key).Value);

        Assert.Equal(Soon.AddHours(-1).UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", System.Globalization.CultureInfo.InvariantCulture), expired.Headers.GetValues("Apim-Debug-Authorization-Expired").Single());
        Assert.All((HttpResponseMessage[])[forged, changed, nonsense], answer => Assert.NotEmpty(answer.Headers.GetValues("Apim-Debug-Authorization-Invalid").Single()));
        Assert.All((HttpResponseMessage[])[wrongApi, noApi, wrongRevision], answer => Assert.Contains("'echo", answer.Headers.GetValues("Apim-Debug-Authorization-WrongAPI").Single()));
        Assert.All((HttpResponseMessage[])[expired, forged, changed, nonsense, wrongApi, noApi, wrongRevision], answer => Assert.False(answer.Headers.Contains("Apim-Trace-Id")));
        Assert.All((HttpResponseMessage[])[expired, forged, changed, nonsense, wrongApi, wrongRevision], answer => Assert.Equal(HttpStatusCode.OK, answer.StatusCode));
        Assert.Equal("", seen);
        await gateway.Server.DisposeAsync();
        Assert.Empty(gateway.Configuration.Traces);
    }

    [Fact]
    public async Task A_new_key_voids_the_tokens_of_the_old_one()
    {
        await using var backend = await TestBackend.StartAsync(_ => Task.CompletedTask);
        await using var gateway = await StartAsync(backend, null);
        var token = DebugToken.Sign("echo", Soon, Key).Value;
        using var before = await SendAsync(gateway, "/echo/x", token);
        Assert.True(before.Headers.Contains("Apim-Trace-Id"));

        gateway.Configuration.Put(new DebugCredentialsSnapshot("a new key"));

        await Until.TrueAsync(async () =>
        {
            using var answer = await SendAsync(gateway, "/echo/x", token);
            return answer.Headers.Contains("Apim-Debug-Authorization-Invalid");
        });
    }

    [Fact]
    public async Task A_refused_request_is_traced_too_and_so_is_a_failing_policy()
    {
        await using var backend = await TestBackend.StartAsync(_ => Task.CompletedTask);
        await using var gateway = await StartAsync(
            backend, """<policies><inbound><base /><set-header name="x"><value>@(((string)null).Length.ToString())</value></set-header></inbound><backend><base /></backend><outbound><base /></outbound><on-error><base /></on-error></policies>""",
            Entities.Api("closed", "closed", backend.Address.ToString(), subscriptionRequired: true));

        using var failed = await SendAsync(gateway, "/echo/x", DebugToken.Sign("echo", Soon, Key).Value);
        using var refused = await SendAsync(gateway, "/closed/x", DebugToken.Sign("closed", Soon, Key).Value);
        var failure = (await TraceAsync(gateway, failed)).Entries["inbound"].Single(entry => entry.Source == "set-header");
        var refusal = (await TraceAsync(gateway, refused)).Entries["inbound"].Single(entry => entry.Source == "authorization");

        Assert.Equal("ExpressionValueEvaluationFailure", failure.Data!["reason"]!.GetValue<string>());
        Assert.Equal((HttpStatusCode.Unauthorized, "SubscriptionKeyNotFound"), (refused.StatusCode, refusal.Data!["reason"]!.GetValue<string>()));
    }

    [Fact]
    public async Task A_long_body_streams_through_and_only_its_beginning_is_kept()
    {
        var text = new string('a', 100_000);
        await using var backend = await TestBackend.StartAsync(async context =>
        {
            context.Response.ContentType = "text/plain";
            await context.Request.Body.CopyToAsync(context.Response.Body);
        });
        await using var gateway = await StartAsync(backend, null);

        using var answer = await SendAsync(gateway, "/echo/x", DebugToken.Sign("echo", Soon, Key).Value, new StringContent(text));
        var trace = await TraceAsync(gateway, answer);

        Assert.Equal(text, await answer.Content.ReadAsStringAsync(Cancellation));
        var request = trace.Entries["inbound"][0].Data!["request"]!["body"]!;
        var response = trace.Entries["outbound"][^1].Data!["response"]!["body"]!;
        Assert.All((System.Text.Json.Nodes.JsonNode[])[request, response], body =>
        {
            Assert.Equal(100_000, body["bytes"]!.GetValue<int>());
            Assert.Equal(8192, body["text"]!.GetValue<string>().Length);
            Assert.True(body["truncated"]!.GetValue<bool>());
        });
    }

    [Fact]
    public async Task Many_entries_are_cut_to_what_the_control_plane_takes_and_the_end_is_still_told()
    {
        await using var backend = await TestBackend.StartAsync(_ => Task.CompletedTask);
        var many = string.Concat(Enumerable.Range(0, 700).Select(i => $"<set-header name=\"x-{i}\" exists-action=\"override\"><value>{new string('v', 200)}</value></set-header>"));
        await using var gateway = await StartAsync(
            backend, $"<policies><inbound><base />{many}<return-response><set-status code=\"200\" /></return-response></inbound><backend><base /></backend><outbound><base /></outbound><on-error><base /></on-error></policies>");

        using var answer = await SendAsync(gateway, "/echo/x", DebugToken.Sign("echo", Soon, Key).Value);
        var trace = await TraceAsync(gateway, answer);

        Assert.True(JsonSerializer.SerializeToUtf8Bytes(trace, SnapshotJson.Default.GatewayTrace).Length < 512 * 1024);
        Assert.Contains(trace.Entries.Values.SelectMany(entries => entries), entry => entry.Source == "trace-limit");
        Assert.Equal("transfer-response", trace.Entries["outbound"][^1].Source);
    }

    private static Task<TestGateway> StartAsync(TestBackend backend, string? policy, params SnapshotEntity[] more) => TestGateway.StartAsync(
    [
        new DebugCredentialsSnapshot(Key),
        Entities.Api("echo", "echo", backend.Address.ToString()),
        Entities.Subscription("all", "all"),
        .. policy is null ? (IEnumerable<SnapshotEntity>)[] : [Entities.Policy("apis/echo", policy)],
        .. more,
    ]);

    private static async Task<HttpResponseMessage> SendAsync(TestGateway gateway, string path, string token, HttpContent? content = null)
    {
        using var request = new HttpRequestMessage(content is null ? HttpMethod.Get : HttpMethod.Post, path) { Content = content };
        request.Headers.Add(DebugToken.Header, token);
        return await gateway.Client.SendAsync(request, Cancellation);
    }

    private static async Task<GatewayTrace> TraceAsync(TestGateway gateway, HttpResponseMessage answer)
    {
        var id = answer.Headers.GetValues("Apim-Trace-Id").Single();
        GatewayTrace? trace = null;
        await Until.TrueAsync(() => (trace = gateway.Configuration.Traces.SelectMany(batch => batch.Traces).FirstOrDefault(one => one.Id == id)) is not null);
        return trace!;
    }

    private static string Message(TraceEntry entry) => entry.Data!["message"]!.AsArray().Single()!.GetValue<string>();
}
