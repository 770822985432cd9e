using System.IO.Compression;
using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Postern.ControlPlane.Access;
using Postern.ControlPlane.Access.Arm;
using Postern.ControlPlane.Access.GatewayTokens;
using Postern.ControlPlane.ConfigurationApi;
using Postern.ControlPlane.Tests.Access;
using Postern.Hosting.Tls;
using Postern.ControlPlane.Store;
using Postern.ControlPlane.Telemetry;
using Postern.Snapshots;
using static Postern.ControlPlane.Tests.ConfigurationApi.ConfigurationApiHost;

namespace Postern.ControlPlane.Tests.ConfigurationApi;

public sealed class ConfigurationApiTests : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("postern-configuration-").FullName;
    private readonly ManualTime _time = new();
    private TestIssuer _issuer = null!;
    private ConfigurationApiHost _host = null!;

    private string Entra => "Bearer " + _issuer.Token(Audience, Caller);

    private string Token => "GatewayKey " + GatewayToken.Sign("on-prem", _time.GetUtcNow().AddDays(1), _host.Keys.Primary).Value;

    public async ValueTask InitializeAsync()
    {
        _issuer = await TestIssuer.StartAsync(DevelopmentCertificates.LoadOrCreate(_folder, TimeProvider.System), _time);
        _host = await ConfigurationApiHost.StartAsync(_issuer.Address, TestIssuer.Tenant, _folder, _time);
    }

    public async ValueTask DisposeAsync()
    {
        await _host.DisposeAsync();
        await _issuer.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task A_gateway_with_the_role_gets_its_snapshot()
    {
        await _host.Published.PutAsync("colour", "green");
        using var response = await _host.GetAsync("/gateways/on-prem/snapshot", Entra);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(["1"], response.Headers.GetValues("Postern-Configuration-Version"));
        var snapshot = await response.Content.ReadFromJsonAsync(SnapshotJson.Default.Snapshot, TestContext.Current.CancellationToken);
        Assert.Equal(new NamedValueSnapshot("colour", "colour", "green", false), Assert.Single(snapshot!.Entities));
        Assert.Equal($"\"{snapshot.Hash}\"", response.Headers.ETag!.Tag);
    }

    [Theory]
    [InlineData("/gateways/on-prem/snapshot")]
    [InlineData("//gateways/on-prem/snapshot")]
    [InlineData("/gateways//on-prem/snapshot/")]
    [InlineData("/Gateways/ON-PREM/Snapshot")]
    [InlineData("/gateways/on%2Dprem/snapshot")]
    public async Task Paths_are_taken_as_clients_write_them(string path)
    {
        using var response = await _host.GetAsync(path, Token);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task An_unchanged_snapshot_is_not_sent_again()
    {
        using var first = await _host.GetAsync("/gateways/on-prem/snapshot", Token);
        var tag = first.Headers.ETag!;
        using var again = await _host.GetAsync("/gateways/on-prem/snapshot", Token, headers => headers.IfNoneMatch.Add(tag));
        await _host.Published.PutAsync("colour", "green");
        using var changed = await _host.GetAsync("/gateways/on-prem/snapshot", Token, headers => headers.IfNoneMatch.Add(tag));

        Assert.Equal(HttpStatusCode.NotModified, again.StatusCode);
        Assert.Empty(await again.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
        Assert.Equal(HttpStatusCode.OK, changed.StatusCode);
    }

    [Theory]
    [InlineData("br", "br")]
    [InlineData("gzip", "gzip")]
    [InlineData("gzip, deflate, br", "br")]
    [InlineData("gzip;q=1, br;q=0.5", "gzip")]
    [InlineData("br;q=0, *", "gzip")]
    [InlineData("identity", null)]
    [InlineData("zstd", null)]
    public async Task A_snapshot_is_compressed_as_the_caller_accepts(string accept, string? expected)
    {
        await _host.Published.PutAsync("colour", new string('g', 10_000));
        using var response = await _host.GetAsync("/gateways/on-prem/snapshot", Token, headers => headers.TryAddWithoutValidation("Accept-Encoding", accept));

        Assert.Equal(expected is null ? [] : [expected], response.Content.Headers.ContentEncoding);
        await using var body = await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken);
        await using Stream plain = expected switch
        {
            "br" => new BrotliStream(body, CompressionMode.Decompress),
            "gzip" => new GZipStream(body, CompressionMode.Decompress),
            _ => body,
        };
        var snapshot = await JsonSerializer.DeserializeAsync(plain, SnapshotJson.Default.Snapshot, TestContext.Current.CancellationToken);
        Assert.Equal(10_000, Assert.IsType<NamedValueSnapshot>(Assert.Single(snapshot!.Entities)).Value.Length);
        Assert.Equal(expected is not null, response.Content.Headers.ContentLength < 5_000);
    }

    [Fact]
    public async Task Without_the_reader_role_the_answer_names_principal_data_action_and_scope()
    {
        await _host.RemoveAsync(Reader);

        await AssertForbiddenAsync(AccessDiagnostics.DataActionNotPermitted, Caller, ConfigurationRights.DataAction, Gateway, "has no role with data action");
    }

    [Fact]
    public async Task Without_the_validator_role_the_answer_names_the_identity_and_what_it_lacks()
    {
        await _host.RemoveAsync(Validator);

        await AssertForbiddenAsync(AccessDiagnostics.IdentityMayNotReadRoles, Identity, "Microsoft.Authorization/roleAssignments/read", Service);
    }

    [Theory]
    [InlineData("Microsoft.Authorization/roleAssignments/read,Microsoft.Authorization/roleDefinitions/read", "Microsoft.Authorization/denyAssignments/read")]
    [InlineData("Microsoft.Authorization/roleAssignments/read,Microsoft.Authorization/denyAssignments/read", "Microsoft.Authorization/roleDefinitions/read")]
    [InlineData("Microsoft.Authorization/denyAssignments/read,Microsoft.Authorization/roleDefinitions/read", "Microsoft.Authorization/roleAssignments/read")]
    public async Task The_identity_needs_all_three_reads(string has, string lacks)
    {
        await PutValidatorRoleAsync(has.Split(','));
        await AssertForbiddenAsync(AccessDiagnostics.IdentityMayNotReadRoles, lacks);

        await PutValidatorRoleAsync([.. has.Split(','), lacks]);
        using var response = await _host.GetAsync("/gateways/on-prem/snapshot", Entra);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task Without_a_system_assigned_identity_nothing_is_decided()
    {
        await _host.PutServiceAsync(null);
        await AssertForbiddenAsync(AccessDiagnostics.NoSystemIdentity, "has no system-assigned managed identity");

        await _host.PutServiceAsync(new JsonObject { ["type"] = "None" });
        await AssertForbiddenAsync(AccessDiagnostics.NoSystemIdentity);

        await _host.PutServiceAsync(new JsonObject
        {
            ["type"] = "UserAssigned",
            ["userAssignedIdentities"] = new JsonObject { ["/subscriptions/s/x"] = new JsonObject { ["principalId"] = Identity } },
        });
        await AssertForbiddenAsync(AccessDiagnostics.OnlyUserIdentity, "user-assigned");
    }

    [Fact]
    public async Task A_deny_assignment_beats_the_role()
    {
        await _host.PutAsync(Group + "/providers/Microsoft.Authorization/denyAssignments/00000000-0000-4000-8000-00000000000d", AuthorizationIds.DenyAssignments, new()
        {
            ["properties"] = new JsonObject
            {
                ["denyAssignmentName"] = "no configuration at night",
                ["permissions"] = new JsonArray(new JsonObject { ["dataActions"] = new JsonArray("*") }),
                ["principals"] = new JsonArray(new JsonObject { ["id"] = Guid.Empty.ToString(), ["type"] = "SystemDefined" }),
            },
        });

        await AssertForbiddenAsync(AccessDiagnostics.DenyAssignment, "no configuration at night");
    }

    [Fact]
    public async Task A_role_at_another_gateway_is_no_help()
    {
        await _host.RemoveAsync(Reader);
        await _host.AssignReaderAsync(Caller, Service + "/gateways/on-premises/providers/Microsoft.Authorization/roleAssignments/00000000-0000-4000-8000-00000000000c");

        await AssertForbiddenAsync(AccessDiagnostics.DataActionNotPermitted, "on-premises");
    }

    [Fact]
    public async Task Who_says_nothing_is_told_where_tokens_come_from()
    {
        using var response = await _host.GetAsync("/gateways/on-prem/snapshot", null);

        await AssertErrorAsync(response, HttpStatusCode.Unauthorized, "AuthenticationFailed", AccessDiagnostics.NoCredentials);
        Assert.StartsWith($"Bearer authorization_uri=\"{_issuer.Address}{TestIssuer.Tenant}\"", response.Headers.WwwAuthenticate.ToString());
    }

    [Fact]
    public async Task A_token_of_the_management_api_does_not_open_this_one()
    {
        using var response = await _host.GetAsync("/gateways/on-prem/snapshot", "Bearer " + _issuer.Token("https://management.azure.com/", Caller));

        await AssertErrorAsync(response, HttpStatusCode.Unauthorized, "InvalidAuthenticationTokenAudience", AccessDiagnostics.WrongAudience);
    }

    [Fact]
    public async Task An_unreachable_authority_is_no_refusal()
    {
        _issuer.Status = 500;
        using var response = await _host.GetAsync("/gateways/on-prem/snapshot", Entra);

        await AssertErrorAsync(response, HttpStatusCode.ServiceUnavailable, "AuthorityUnavailable", AccessDiagnostics.AuthorityUnreachable);
        Assert.NotNull(response.Headers.RetryAfter);
    }

    [Fact]
    public async Task A_gateway_token_needs_no_role()
    {
        await _host.RemoveAsync(Reader);
        await _host.RemoveAsync(Validator);
        using var response = await _host.GetAsync("/gateways/on-prem/snapshot", Token.Replace("GatewayKey", "gatewaykey ", StringComparison.Ordinal) + " ");

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Theory]
    [InlineData("on-prem", "guessed", 1, AccessDiagnostics.GatewayTokenForged)]
    [InlineData("on-prem", "primary key", -1, AccessDiagnostics.GatewayTokenExpired)]
    [InlineData("other", "primary key", 1, AccessDiagnostics.GatewayTokenElsewhere)]
    public async Task A_gateway_token_that_is_no_good_is_refused(string id, string key, int days, string diagnostic)
    {
        var token = "GatewayKey " + GatewayToken.Sign(id, _time.GetUtcNow().AddDays(days), key).Value;
        using var response = await _host.GetAsync("/gateways/on-prem/snapshot", token);

        await AssertErrorAsync(response, HttpStatusCode.Unauthorized, "AuthenticationFailed", diagnostic);
        Assert.Equal("Bearer", response.Headers.WwwAuthenticate.Single().Scheme);
    }

    [Fact]
    public async Task A_gateway_that_is_not_there_is_404_only_for_who_may_know()
    {
        using var known = await _host.GetAsync("/gateways/nowhere/snapshot", Entra);
        using var token = await _host.GetAsync("/gateways/nowhere/snapshot", "GatewayKey " + GatewayToken.Sign("nowhere", _time.GetUtcNow().AddDays(1), "k").Value);
        await _host.RemoveAsync(Reader);
        using var stranger = await _host.GetAsync("/gateways/nowhere/snapshot", Entra);

        await AssertErrorAsync(known, HttpStatusCode.NotFound, "ResourceNotFound", null);
        Assert.Equal(HttpStatusCode.Unauthorized, token.StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, stranger.StatusCode);
    }

    [Fact]
    public async Task A_change_is_sent_as_soon_as_it_is_there()
    {
        var revision = SnapshotFormat.SkipToken(await _host.Store.RevisionAsync(TestContext.Current.CancellationToken));
        var waiting = _host.GetAsync($"/gateways/on-prem/events?$top=100&$skiptoken={revision}&wait=30", Entra);
        await PollWaitsAsync();
        var written = await _host.Published.PutAsync("colour", "green");

        using var response = await waiting;
        var change = await response.Content.ReadFromJsonAsync(SnapshotJson.Default.SnapshotChange, TestContext.Current.CancellationToken);
        Assert.Equal(written, change!.Revision);
        Assert.Equal("namedValues/colour", Assert.Single(change.Put).Key);
    }

    [Fact]
    public async Task A_poll_without_news_ends_when_its_time_is_over()
    {
        var revision = SnapshotFormat.SkipToken(await _host.Store.RevisionAsync(TestContext.Current.CancellationToken));
        using var atOnce = await _host.GetAsync($"/gateways/on-prem/events?$skiptoken={revision}", Entra);
        Assert.Equal(HttpStatusCode.NoContent, atOnce.StatusCode);

        var waiting = _host.GetAsync($"/gateways/on-prem/events?$skiptoken={revision}&wait=5", Entra);
        await PollWaitsAsync();
        _time.Advance(TimeSpan.FromSeconds(4));
        await PollWaitsAsync();
        Assert.False(waiting.IsCompleted);
        _time.Advance(TimeSpan.FromSeconds(1));

        using var response = await waiting;
        Assert.Equal(HttpStatusCode.NoContent, response.StatusCode);
    }

    [Fact]
    public async Task A_waiting_poll_does_not_outlive_its_role()
    {
        var revision = SnapshotFormat.SkipToken(await _host.Store.RevisionAsync(TestContext.Current.CancellationToken));
        var waiting = _host.GetAsync($"/gateways/on-prem/events?$skiptoken={revision}&wait=30", Entra);
        await PollWaitsAsync();
        await _host.RemoveAsync(Reader);

        using var response = await waiting;
        await AssertErrorAsync(response, HttpStatusCode.Forbidden, "AuthorizationFailed", AccessDiagnostics.DataActionNotPermitted);
    }

    [Fact]
    public async Task A_waiting_poll_does_not_outlive_the_identitys_role()
    {
        var revision = SnapshotFormat.SkipToken(await _host.Store.RevisionAsync(TestContext.Current.CancellationToken));
        var waiting = _host.GetAsync($"/gateways/on-prem/events?$skiptoken={revision}&wait=30", Entra);
        await PollWaitsAsync();
        await _host.RemoveAsync(Validator);

        using var response = await waiting;
        await AssertErrorAsync(response, HttpStatusCode.Forbidden, "AuthorizationFailed", AccessDiagnostics.IdentityMayNotReadRoles);
    }

    [Fact]
    public async Task A_waiting_poll_does_not_outlive_its_gateway_token()
    {
        var revision = SnapshotFormat.SkipToken(await _host.Store.RevisionAsync(TestContext.Current.CancellationToken));
        var waiting = _host.GetAsync($"/gateways/on-prem/events?$skiptoken={revision}&wait=30", Token);
        await PollWaitsAsync();
        _host.Keys = new("regenerated", "secondary key");
        _time.Advance(TimeSpan.FromSeconds(4));

        using var response = await waiting;
        await AssertErrorAsync(response, HttpStatusCode.Unauthorized, "AuthenticationFailed", AccessDiagnostics.GatewayTokenForged);
    }

    [Fact]
    public async Task A_waiting_poll_ends_with_its_gateway()
    {
        var revision = SnapshotFormat.SkipToken(await _host.Store.RevisionAsync(TestContext.Current.CancellationToken));
        var waiting = _host.GetAsync($"/gateways/on-prem/events?$skiptoken={revision}&wait=30", Entra);
        await PollWaitsAsync();
        await _host.RemoveAsync(Gateway);

        using var response = await waiting;
        await AssertErrorAsync(response, HttpStatusCode.NotFound, "ResourceNotFound", null);
    }

    [Fact]
    public async Task A_revision_that_is_forgotten_means_a_new_snapshot()
    {
        _host.Published.Oldest = 5;
        using var response = await _host.GetAsync("/gateways/on-prem/events?$skiptoken=00000004&wait=30", Entra);

        await AssertErrorAsync(response, HttpStatusCode.Gone, "ResyncRequired", null);
    }

    [Theory]
    [InlineData("$skiptoken=xyz", "$skiptoken")]
    [InlineData("$skiptoken=00000000000000001", "$skiptoken")]
    [InlineData("$skiptoken=ffffffffffffffff", "$skiptoken")]
    [InlineData("$top=0", "$top")]
    [InlineData("$top=1001", "$top")]
    [InlineData("$top=-1", "$top")]
    [InlineData("wait=31", "wait")]
    [InlineData("wait=1.5", "wait")]
    [InlineData("wait=99999999999", "wait")]
    public async Task A_query_that_makes_no_sense_is_refused(string query, string target)
    {
        using var response = await _host.GetAsync("/gateways/on-prem/events?" + query, Entra);

        var error = await AssertErrorAsync(response, HttpStatusCode.BadRequest, "ValidationError", null);
        Assert.Equal(target, error.Target);
    }

    [Fact]
    public async Task Thousands_of_waiting_polls_take_no_threads()
    {
        var revision = SnapshotFormat.SkipToken(await _host.Store.RevisionAsync(TestContext.Current.CancellationToken));
        var before = ThreadPool.ThreadCount;
        var contexts = Enumerable.Range(0, 3000).Select(_ => Poll(revision)).ToList();
        var polls = contexts.Select(context => Task.Run(() => _host.Endpoints.TryHandleAsync(context).AsTask())).ToList();
        await PollWaitsAsync(3000);
        Assert.InRange(ThreadPool.ThreadCount, 0, before + 40);

        await _host.Published.PutAsync("colour", "green");
        await Task.WhenAll(polls).WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        Assert.All(contexts, context => Assert.Equal(200, context.Response.StatusCode));
    }

    [Fact]
    public async Task A_server_that_stops_lets_its_polls_go()
    {
        var revision = SnapshotFormat.SkipToken(await _host.Store.RevisionAsync(TestContext.Current.CancellationToken));
        var context = Poll(revision);
        var poll = _host.Endpoints.TryHandleAsync(context).AsTask();
        await PollWaitsAsync();
        await _host.StopPollsAsync();
        await poll.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);

        Assert.Equal(204, context.Response.StatusCode);
    }

    [Theory]
    [InlineData("POST", "/gateways/on-prem/snapshot", 405)]
    [InlineData("GET", "/gateways/on-prem/heartbeat", 405)]
    [InlineData("DELETE", "/gateways/on-prem/events", 405)]
    [InlineData("GET", "/gateways/on-prem/backup", 404)]
    [InlineData("GET", "/gateways/on-prem/1", 404)]
    [InlineData("GET", "/gateways/on-prem", 404)]
    [InlineData("GET", "/gateways", 404)]
    [InlineData("GET", "/gateways/on-prem/snapshot/more", 404)]
    public async Task What_is_no_call_is_no_secret(string method, string path, int status)
    {
        using var response = await _host.SendAsync(new(method), path, Entra);

        Assert.Equal(status, (int)response.StatusCode);
        Assert.NotNull(await response.Content.ReadFromJsonAsync(SnapshotJson.Default.ErrorEnvelope, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task With_several_services_the_host_name_tells_which()
    {
        const string fabrikam = Group + "/providers/Microsoft.ApiManagement/service/fabrikam";
        await _host.PutServiceAsync(null, fabrikam);
        using var only = await _host.GetAsync("/gateways/on-prem/snapshot", Token);
        await _host.PutAsync(fabrikam + "/gateways/on-prem", "Microsoft.ApiManagement/service/gateways", new() { ["properties"] = new JsonObject() });
        using var nameless = await _host.GetAsync("/gateways/on-prem/snapshot", Token);
        using var named = await _host.GetAsync("/gateways/on-prem/snapshot", Token, headers => headers.Host = "Contoso.configuration.example");
        using var other = await _host.GetAsync("/gateways/on-prem/snapshot", Token, headers => headers.Host = "fabrikam.configuration.example");

        Assert.Equal(HttpStatusCode.OK, only.StatusCode);
        var error = await AssertErrorAsync(nameless, HttpStatusCode.NotFound, "ResourceNotFound", null);
        Assert.Contains("first label", error.Message);
        Assert.Equal(HttpStatusCode.OK, named.StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, other.StatusCode);
    }

    [Fact]
    public async Task A_heartbeat_makes_an_instance_known()
    {
        await BeatAsync(new("one", "pod-1", "0.1.0", 12.5, 7, null, null, new Dictionary<string, string> { ["mechanism"] = "YAML" }));
        await BeatAsync(new("two", "pod-2", "0.1.0", 12.5, null, 8, "policy P101", new Dictionary<string, string>()));

        var instances = await _host.Instances.ListAsync(Gateway.ToUpperInvariant(), TestContext.Current.CancellationToken);
        Assert.Equal([GatewayInstanceState.Healthy, GatewayInstanceState.Failed], instances.Select(instance => instance.State));
        Assert.Equal("YAML", instances[0].Last.Deployment["mechanism"]);
        Assert.Equal("policy P101", instances[1].Last.RejectedReason);

        _time.Advance(TimeSpan.FromMinutes(3));
        await BeatAsync(new("one", "pod-1", "0.1.0", 192.5, 7, null, null, new Dictionary<string, string>()));
        instances = await _host.Instances.ListAsync(Gateway, TestContext.Current.CancellationToken);
        Assert.Equal([GatewayInstanceState.Healthy, GatewayInstanceState.Stale], instances.Select(instance => instance.State));

        _time.Advance(TimeSpan.FromMinutes(8));
        Assert.Equal("one", Assert.Single(await _host.Instances.ListAsync(Gateway, TestContext.Current.CancellationToken)).Last.InstanceId);
    }

    [Fact]
    public async Task A_heartbeat_wakes_no_poll_and_is_no_change()
    {
        var before = await _host.Store.RevisionAsync(TestContext.Current.CancellationToken);
        await BeatAsync(new("one", "pod-1", "0.1.0", 12.5, 7, null, null, new Dictionary<string, string>()));

        Assert.Equal(before, await _host.Store.RevisionAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Instances_outlive_a_restart_of_the_control_plane()
    {
        await BeatAsync(new("one", "pod-1", "0.1.0", 12.5, 7, null, null, new Dictionary<string, string>()));
        await _host.DisposeAsync();
        _host = await ConfigurationApiHost.StartAsync(_issuer.Address, TestIssuer.Tenant, _folder, _time);

        Assert.Equal("one", Assert.Single(await _host.Instances.ListAsync(Gateway, TestContext.Current.CancellationToken)).Last.InstanceId);
    }

    [Theory]
    [InlineData("", "InvalidRequestContent")]
    [InlineData("null", "InvalidRequestContent")]
    [InlineData("[]", "InvalidRequestContent")]
    [InlineData("{\"instanceId\":", "InvalidRequestContent")]
    [InlineData("{\"instanceId\":5}", "InvalidRequestContent")]
    [InlineData("{}", "ValidationError")]
    [InlineData("{\"instanceId\":\"i\",\"host\":\"h\",\"version\":\"v\",\"uptimeSeconds\":-1,\"deployment\":{}}", "ValidationError")]
    [InlineData("{\"instanceId\":\"i\",\"host\":\"h\",\"version\":\"v\",\"uptimeSeconds\":1}", "ValidationError")]
    [InlineData("{\"instanceId\":\"i\\n\",\"host\":\"h\",\"version\":\"v\",\"uptimeSeconds\":1,\"deployment\":{}}", "ValidationError")]
    [InlineData("{\"instanceId\":\"i\",\"host\":\"h\",\"version\":\"v\",\"uptimeSeconds\":1,\"deployment\":{\"a\":null}}", "")]
    public async Task A_heartbeat_that_makes_no_sense_is_refused(string body, string code)
    {
        using var response = await _host.SendAsync(HttpMethod.Post, "/gateways/on-prem/heartbeat", Token, new StringContent(body, Encoding.UTF8, "application/json"));

        if (code.Length == 0)
        {
            Assert.Equal(HttpStatusCode.NoContent, response.StatusCode);
        }
        else
        {
            await AssertErrorAsync(response, HttpStatusCode.BadRequest, code, null);
        }
    }

    [Fact]
    public async Task A_heartbeat_has_a_limit()
    {
        using var response = await _host.SendAsync(HttpMethod.Post, "/gateways/on-prem/heartbeat", Token, new StringContent(new string(' ', 65 * 1024)));

        await AssertErrorAsync(response, HttpStatusCode.RequestEntityTooLarge, "RequestEntityTooLarge", null);
    }

    [Fact]
    public async Task Metrics_are_taken_within_limits()
    {
        var now = _time.GetUtcNow();
        var batch = new MetricBatch("batch", "one", now.AddMinutes(-1), now, [new("Requests", new Dictionary<string, string> { ["GatewayId"] = "on-prem" }, 3, 3, 1, 1)], 0);
        using var good = await _host.SendAsync(HttpMethod.Post, "/gateways/on-prem/metrics", Token, JsonContent.Create(batch, SnapshotJson.Default.MetricBatch));
        using var backwards = await _host.SendAsync(HttpMethod.Post, "/gateways/on-prem/metrics", Token, JsonContent.Create(batch with { To = now.AddHours(-1) }, SnapshotJson.Default.MetricBatch));
        using var empty = await _host.SendAsync(HttpMethod.Post, "/gateways/on-prem/metrics", Token, new StringContent("{\"instanceId\":\"i\",\"points\":[null]}"));

        Assert.Equal(HttpStatusCode.NoContent, good.StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, backwards.StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, empty.StatusCode);
    }

    [Theory]
    [InlineData("heartbeat")]
    [InlineData("metrics")]
    [InlineData("events")]
    [InlineData("traces")]
    public async Task Telemetry_needs_the_same_right_as_the_configuration(string call)
    {
        await _host.RemoveAsync(Reader);
        using var response = await _host.SendAsync(HttpMethod.Post, $"/gateways/on-prem/{call}", Entra, new StringContent("{}"));
        using var anonymous = await _host.SendAsync(HttpMethod.Post, $"/gateways/on-prem/{call}", null, new StringContent("{}"));

        await AssertErrorAsync(response, HttpStatusCode.Forbidden, "AuthorizationFailed", AccessDiagnostics.DataActionNotPermitted);
        Assert.Equal(HttpStatusCode.Unauthorized, anonymous.StatusCode);
    }

    [Fact]
    public async Task A_batch_of_metrics_that_comes_twice_counts_once_and_instances_are_summed_up()
    {
        var now = _time.GetUtcNow();
        var batch = new MetricBatch("b1", "one", now.AddMinutes(-2), now.AddMinutes(-1), [new("Duration", new Dictionary<string, string> { ["ApiId"] = "echo" }, 2, 30, 10, 20)], 0);
        foreach (var sent in (MetricBatch[])[batch, batch, batch with { Id = "b2", InstanceId = "two", Points = [batch.Points[0] with { Count = 1, Sum = 5, Min = 5, Max = 5 }] }])
        {
            using var answer = await _host.SendAsync(HttpMethod.Post, "/gateways/on-prem/metrics", Token, JsonContent.Create(sent, SnapshotJson.Default.MetricBatch));
            Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
        }

        foreach (var grain in (MetricGrain[])[GatewayMetrics.Minute, GatewayMetrics.Hour])
        {
            var row = Assert.Single(await _host.Telemetry.Metrics.ListAsync(Gateway, grain, now.AddHours(-2), now, 10, TestContext.Current.CancellationToken));
            Assert.Equal((3L, 35d, 5d, 20d, """{"ApiId":"echo"}"""), (row.Count, row.Sum, row.Min, row.Max, row.Dimensions));
        }
    }

    [Fact]
    public async Task Events_are_kept_once_with_the_time_when_they_happened()
    {
        var now = _time.GetUtcNow();
        var batch = new EventBatch("one",
        [
            new("e1", GatewayEventTypes.CircuitBreakerOpened, "/backends/b", now.AddMinutes(-10).UtcDateTime, new() { ["backendName"] = "b" }),
            new("e2", GatewayEventTypes.CircuitBreakerClosed, "/backends/b", now.AddYears(7).UtcDateTime, []),
        ], 3);
        for (var i = 0; i < 2; i++)
        {
            using var answer = await _host.SendAsync(HttpMethod.Post, "/gateways/on-prem/events", Token, JsonContent.Create(batch, SnapshotJson.Default.EventBatch));
            Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
        }

        var kept = await _host.Telemetry.Events.ListAsync(Gateway.ToUpperInvariant(), DateTimeOffset.MinValue, now, 10, TestContext.Current.CancellationToken);
        Assert.Equal(["e2", "e1"], kept.Select(recorded => recorded.Event.Id));
        Assert.Equal(now.UtcDateTime, kept[0].Event.Time);
        Assert.Equal(("one", "b"), (kept[1].InstanceId, kept[1].Event.Data["backendName"]!.GetValue<string>()));
    }

    [Theory]
    [InlineData("""{"instanceId":"i"}""")]
    [InlineData("""{"instanceId":"i","events":[null]}""")]
    [InlineData("""{"instanceId":"i","events":[{"id":"a","type":"x","subject":"s","time":"2026-11-20T10:00:00Z"}]}""")]
    [InlineData("""{"instanceId":"i","events":[{"id":"a/b","type":"x","subject":"s","time":"2026-11-20T10:00:00Z","data":{}}]}""")]
    [InlineData("""{"instanceId":"i","events":[{"id":"a","type":"x y","subject":"s","time":"2026-11-20T10:00:00Z","data":{}}]}""")]
    [InlineData("""{"instanceId":"i","events":[{"id":"a","type":"x","subject":"s\n","time":"2026-11-20T10:00:00Z","data":{}}]}""")]
    [InlineData("""{"instanceId":"i","events":[{"id":"a","type":"x","subject":"s","time":"yesterday","data":{}}]}""")]
    [InlineData("""{"instanceId":"i","events":[],"dropped":-1}""")]
    [InlineData("[]")]
    public async Task Malformed_events_are_refused(string body)
    {
        using var response = await _host.SendAsync(HttpMethod.Post, "/gateways/on-prem/events", Token, new StringContent(body));

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Empty(await _host.Telemetry.Events.ListAsync(Gateway, DateTimeOffset.MinValue, DateTimeOffset.MaxValue, 10, TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("""{"instanceId":"i"}""")]
    [InlineData("""{"instanceId":"i","traces":[null]}""")]
    [InlineData("""{"instanceId":"i","traces":[{"id":"../x","correlationId":"c","apiId":"a","entries":{}}]}""")]
    [InlineData("""{"instanceId":"i","traces":[{"id":"x","correlationId":"c","apiId":"a"}]}""")]
    [InlineData("""{"instanceId":"i","traces":[{"id":"x","correlationId":"c","apiId":"a","entries":{"middle":[]}}]}""")]
    [InlineData("""{"instanceId":"i","traces":[{"id":"x","correlationId":"c","apiId":"a","entries":{"inbound":null}}]}""")]
    [InlineData("""{"instanceId":"i","traces":[{"id":"x","correlationId":"c","apiId":"a","entries":{"inbound":[null]}}]}""")]
    [InlineData("""{"instanceId":"i","traces":[{"id":"x","correlationId":"c","apiId":"a","entries":{"inbound":[{"timestamp":"2026-11-20T10:00:00Z","elapsed":"00:00:01"}]}}]}""")]
    public async Task Malformed_traces_are_refused(string body)
    {
        using var response = await _host.SendAsync(HttpMethod.Post, "/gateways/on-prem/traces", Token, new StringContent(body));

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Null(await _host.Telemetry.Traces.FindAsync(Gateway, "x", TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_token_that_nears_its_end_is_an_event_of_the_gateway()
    {
        var token = "GatewayKey " + GatewayToken.Sign("on-prem", _time.GetUtcNow().AddDays(6), _host.Keys.Primary).Value;
        var heartbeat = new Heartbeat("one", "host", "1", 1, 1, null, null, new Dictionary<string, string>());
        using var response = await _host.SendAsync(HttpMethod.Post, "/gateways/on-prem/heartbeat", token, JsonContent.Create(heartbeat, SnapshotJson.Default.Heartbeat));
        await _host.Telemetry.EventRecorder.DisposeAsync();

        var recorded = Assert.Single(await _host.Telemetry.Events.ListAsync(Gateway, DateTimeOffset.MinValue, DateTimeOffset.MaxValue, 10, TestContext.Current.CancellationToken));
        Assert.Equal((GatewayEventTypes.TokenNearExpiry, "/gateways/on-prem/one"), (recorded.Event.Type, recorded.Event.Subject));
        Assert.NotNull(recorded.Event.Data["tokenInfo"]!["expiresAtUtc"]);
    }

    private async Task BeatAsync(Heartbeat heartbeat)
    {
        using var response = await _host.SendAsync(HttpMethod.Post, "/gateways/on-prem/heartbeat", Token, JsonContent.Create(heartbeat, SnapshotJson.Default.Heartbeat));
        Assert.Equal(HttpStatusCode.NoContent, response.StatusCode);
    }

    /// <summary>A waiting poll has a timer on the clock of the test: nobody needs to guess how long that takes.</summary>
    private async Task PollWaitsAsync(int count = 1)
    {
        var patience = System.Diagnostics.Stopwatch.StartNew();
        while (_time.Waiting < count)
        {
            Assert.True(patience.Elapsed < TimeSpan.FromSeconds(30), $"{_time.Waiting} of {count} polls wait.");
            await Task.Yield();
        }
    }

    private DefaultHttpContext Poll(string revision)
    {
        var context = new DefaultHttpContext();
        context.Request.Method = "GET";
        context.Request.Path = "/gateways/on-prem/events";
        context.Request.Host = new("localhost");
        context.Request.QueryString = new($"?$skiptoken={revision}&wait=30");
        context.Request.Headers.Authorization = Entra;
        context.Response.Body = Stream.Null;
        return context;
    }

    private async Task PutValidatorRoleAsync(string[] actions) => await _host.PutAsync(
        "/providers/Microsoft.Authorization/roleDefinitions/0a000000-0000-4000-8000-00000000000a", AuthorizationIds.RoleDefinitions, new()
        {
            ["properties"] = new JsonObject
            {
                ["roleName"] = "validator",
                ["permissions"] = new JsonArray(new JsonObject { ["actions"] = RoleBodies.List(actions) }),
            },
        });

    private async Task AssertForbiddenAsync(string diagnostic, params string[] named)
    {
        using var response = await _host.GetAsync("/gateways/on-prem/snapshot", Entra);
        var error = await AssertErrorAsync(response, HttpStatusCode.Forbidden, "AuthorizationFailed", diagnostic);
        Assert.All([Caller, ConfigurationRights.DataAction, Gateway, .. named], name => Assert.Contains(name, error.Message));
    }

    private static async Task<ErrorBody> AssertErrorAsync(HttpResponseMessage response, HttpStatusCode status, string code, string? diagnostic)
    {
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(status == response.StatusCode, $"{(int)response.StatusCode} {text}");
        var error = JsonSerializer.Deserialize(text, SnapshotJson.Default.ErrorEnvelope)!.Error;
        Assert.Equal(code, error.Code);
        Assert.Equal(diagnostic, error.Diagnostic);
        return error;
    }
}
