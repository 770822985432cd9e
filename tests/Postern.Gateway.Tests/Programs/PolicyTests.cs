using System.Net;
using Microsoft.AspNetCore.Http;
using Postern.Gateway.Tests.Parts;
using Postern.Snapshots;

namespace Postern.Gateway.Tests.Programs;

/// <summary>Policies in a real gateway: which documents apply, and what changes when they change. What each policy does is tested with the policies.</summary>
public sealed class PolicyTests
{
    [Fact]
    public async Task Documents_of_all_scopes_act_in_their_order()
    {
        await using var backend = await EchoAsync();
        await using var gateway = await TestGateway.StartAsync(
            Entities.Api("echo", "echo", backend.Address.ToString(), subscriptionRequired: true, operations: ["GET /a", "GET /b"]),
            Entities.Product("gold", true, "echo"),
            Entities.Subscription("gold", "products/gold"),
            Entities.Subscription("all", "all"),
            Entities.Policy("global", Append("global", first: true)),
            Entities.Policy("products/gold", Append("product")),
            Entities.Policy("apis/echo", Append("api")),
            Entities.Policy("apis/echo/operations/op0", Append("@(context.Operation.Id + \"-\" + context.Product?.Id + \"-\" + context.Subscription.Name)")));

        Assert.Equal("global,product,api,op0-gold-gold", await gateway.Client.GetStringAsync("/echo/a?subscription-key=gold-primary"));
        Assert.Equal("global,product,api", await gateway.Client.GetStringAsync("/echo/b?subscription-key=gold-secondary"));
        Assert.Equal("global,api,op0--all", await gateway.Client.GetStringAsync("/echo/a?subscription-key=all-primary"));
    }

    [Fact]
    public async Task A_document_that_does_not_compile_fails_closed_and_hurts_no_other()
    {
        await using var backend = await EchoAsync();
        await using var gateway = await TestGateway.StartAsync(
            Entities.Api("good", "good", backend.Address.ToString()),
            Entities.Api("bad", "bad", backend.Address.ToString()),
            Entities.Policy("apis/bad", "<policies><inbound><base /><set-header name=\"x\"><value>@(nonsense)</value></set-header></inbound></policies>"));

        using var good = await gateway.GetAsync("/good/x");
        using var bad = await gateway.GetAsync("/bad/x");

        Assert.Equal(HttpStatusCode.OK, good.StatusCode);
        Assert.Equal(HttpStatusCode.InternalServerError, bad.StatusCode);
        Assert.Contains(gateway.Logs.Records, record => record.Event == "ConfigurationProblem" && record.Text.Contains("G214", StringComparison.Ordinal) && record.Text.Contains("apis/bad", StringComparison.Ordinal));
    }

    [Fact]
    public async Task All_problems_of_the_documents_of_all_scopes_are_logged_with_scope_element_and_place()
    {
        await using var gateway = await TestGateway.StartAsync(
            Entities.Api("bad", "bad", operations: ["GET /a"]),
            Entities.Product("gold", true, "bad"),
            Entities.Policy("products/gold", "<policies>\n<inbound>\n  <set-header />\n  <set-variable name=\"v\" value=\"@(context.Nonsense)\" wrong=\"w\" />\n</inbound>\n</policies>"),
            Entities.Policy("apis/bad/operations/op0", "<policies><inbound><base /><nothing /></inbound><outbound><include-fragment fragment-id=\"f\" /></outbound></policies>"),
            new PolicyFragmentSnapshot("f", "rawxml", "<fragment>\n <set-method /></fragment>"));

        var problems = gateway.Logs.Records.Where(record => record.Event == "ConfigurationProblem").Select(record => record.Text).ToList();

        foreach (var (start, text) in ((string, string)[])
        [
            ("G214: policy document 'products/gold': Error in element 'set-header' on line 3, column 3: ", "(P110, inbound\\set-header[1])"),
            ("G214: policy document 'products/gold': Error in element 'set-variable' on line 4, column 43: ", "(CS1061) (P120, inbound\\set-variable[1])"),
            ("G214: policy document 'products/gold': Error in element 'set-variable' on line 4, column 54: ", "(P109, inbound\\set-variable[1])"),
            ("G214: policy document 'apis/bad/operations/op0': Error in element 'nothing' on line 1, column 28: ", "(P107, inbound\\nothing[1])"),
            ("G214: policy document 'apis/bad/operations/op0': Error in element 'include-fragment' on line 1, column 59: Policy fragment 'f', line 2, column 2: ", "(P118, outbound\\include-fragment[1])"),
        ])
        {
            Assert.Single(problems, problem => problem.StartsWith(start, StringComparison.Ordinal) && problem.EndsWith(text, StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task Named_values_and_fragments_are_followed_when_they_change()
    {
        await using var backend = await EchoAsync();
        await using var gateway = await TestGateway.StartAsync(
            Entities.Api("echo", "echo", backend.Address.ToString()),
            new NamedValueSnapshot("color-id", "color", "red", false),
            new PolicyFragmentSnapshot("paint", "rawxml", "<fragment><set-header name=\"X-Trail\" exists-action=\"override\"><value>{{color}}</value></set-header></fragment>"),
            Entities.Policy("apis/echo", "<policies><inbound><include-fragment fragment-id=\"paint\" /></inbound><backend><base /></backend><outbound><base /></outbound></policies>"));
        Assert.Equal("red", await gateway.Client.GetStringAsync("/echo/x"));

        gateway.Configuration.Put(new NamedValueSnapshot("color-id", "color", "blue", false));

        await Until.TrueAsync(async () => await gateway.Client.GetStringAsync("/echo/x") == "blue");
    }

    [Fact]
    public async Task A_change_deep_inside_nested_fragments_is_followed_and_a_circle_fails_closed_until_it_is_gone()
    {
        await using var backend = await EchoAsync();
        await using var gateway = await TestGateway.StartAsync(
            Entities.Api("echo", "echo", backend.Address.ToString()),
            Entities.Api("other", "other", backend.Address.ToString()),
            Fragment("Outer", "<choose><when condition=\"@(true)\"><include-fragment fragment-id=\"middle\" /></when></choose>"),
            Fragment("middle", "<include-fragment fragment-id=\"inner\" />"),
            Fragment("inner", Trail("@(\"one\" + 1)")),
            Entities.Policy("apis/echo", "<policies><inbound><include-fragment fragment-id=\"outer\" /></inbound><backend><base /></backend><outbound><base /></outbound></policies>"));
        Assert.Equal("one1", await gateway.Client.GetStringAsync("/echo/x"));

        gateway.Configuration.Put(Fragment("inner", Trail("two")));
        await Until.TrueAsync(async () => await gateway.Client.GetStringAsync("/echo/x") == "two");

        var revision = gateway.Configuration.Put(Fragment("inner", "<include-fragment fragment-id=\"outer\" />"));
        await Until.TrueAsync(() => gateway.Server.AppliedRevision == revision);
        using var refused = await gateway.GetAsync("/echo/x");
        using var other = await gateway.GetAsync("/other/x");
        Assert.Equal((HttpStatusCode.InternalServerError, HttpStatusCode.OK), (refused.StatusCode, other.StatusCode));
        Assert.Contains(gateway.Logs.Records, record => record.Event == "ConfigurationProblem"
            && record.Text.Contains("G214: policy document 'apis/echo'", StringComparison.Ordinal)
            && record.Text.Contains("outer → middle → inner → outer. (P117)", StringComparison.Ordinal));

        gateway.Configuration.Put(Fragment("inner", Trail("three")));
        await Until.TrueAsync(async () =>
        {
            using var response = await gateway.GetAsync("/echo/x");
            return await response.Content.ReadAsStringAsync() == "three";
        });

        static PolicyFragmentSnapshot Fragment(string id, string policies) => new(id, "rawxml", $"<fragment>{policies}</fragment>");
        static string Trail(string value) => $"<set-header name=\"X-Trail\" exists-action=\"override\"><value>{value}</value></set-header>";
    }

    [Fact]
    public async Task A_rate_limit_answers_byte_for_byte_and_outlives_a_change()
    {
        await using var backend = await EchoAsync();
        await using var gateway = await TestGateway.StartAsync(
            Entities.Api("echo", "echo", backend.Address.ToString(), subscriptionRequired: true),
            Entities.Subscription("s", "all"),
            Entities.Policy("apis/echo", "<policies><inbound><rate-limit calls=\"2\" renewal-period=\"300\" remaining-calls-header-name=\"X-Left\" /></inbound><backend><base /></backend><outbound><base /></outbound></policies>"));

        using var first = await gateway.GetAsync("/echo/x?subscription-key=s-primary");
        Assert.Equal("1", first.Headers.GetValues("X-Left").Single());
        var revision = gateway.Configuration.Put(Entities.Api("other", "other"));
        await Until.TrueAsync(() => gateway.Server.AppliedRevision == revision);
        using var second = await gateway.GetAsync("/echo/x?subscription-key=s-secondary");
        Assert.Equal("0", second.Headers.GetValues("X-Left").Single());
        using var third = await gateway.GetAsync("/echo/x?subscription-key=s-primary");

        Assert.Equal(HttpStatusCode.TooManyRequests, third.StatusCode);
        var wait = third.Headers.RetryAfter!.ToString();
        Assert.Equal($"{{ \"statusCode\": 429, \"message\": \"Rate limit is exceeded. Try again in {wait} seconds.\" }}", await third.Content.ReadAsStringAsync());
        Assert.InRange(int.Parse(wait), 200, 300);
    }

    [Fact]
    public async Task On_error_of_the_global_document_sees_what_matched_nothing()
    {
        await using var gateway = await TestGateway.StartAsync(
            Entities.Policy("global", "<policies><inbound /><backend><forward-request /></backend><outbound /><on-error><set-header name=\"X-Why\" exists-action=\"override\"><value>@(context.LastError.Source + \" \" + context.LastError.Reason + \" \" + context.LastError.Section)</value></set-header></on-error></policies>"));

        using var response = await gateway.GetAsync("/nowhere");

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        Assert.Equal("configuration OperationNotFound backend", response.Headers.GetValues("X-Why").Single());
    }

    [Fact]
    public async Task A_backend_entity_adds_its_credentials_and_query()
    {
        await using var backend = await TestBackend.StartAsync(context =>
            context.Response.WriteAsync($"{context.Request.Path}{context.Request.QueryString} {context.Request.Headers.Authorization} {context.Request.Headers["X-Extra"]}"));
        await using var gateway = await TestGateway.StartAsync(
            Entities.Api("echo", "echo", "http://unused.example"),
            new BackendSnapshot("store", backend.Address + "store/", "http", new Dictionary<string, IReadOnlyList<string>> { ["X-Extra"] = ["1", "2"] },
                new Dictionary<string, IReadOnlyList<string>> { ["code"] = ["a b"] }, "Basic", "eDp5", true, true),
            Entities.Policy("apis/echo", "<policies><inbound><set-backend-service backend-id=\"store\" /></inbound><backend><base /></backend><outbound><base /></outbound></policies>"));
        using var request = new HttpRequestMessage(HttpMethod.Get, "/echo/x?y=1");
        request.Headers.Add("Authorization", "Bearer callers");

        using var response = await gateway.Client.SendAsync(request);

        Assert.Equal("/store/x?y=1&code=a%20b Basic eDp5 1,2", await response.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task A_second_forward_sends_again_and_lets_go_of_the_first_answer()
    {
        var calls = 0;
        await using var backend = await TestBackend.StartAsync(async context =>
        {
            using var reader = new StreamReader(context.Request.Body);
            context.Response.StatusCode = ++calls < 3 ? 503 : 200;
            await context.Response.WriteAsync($"{calls} {await reader.ReadToEndAsync()}");
        });
        await using var gateway = await TestGateway.StartAsync(
            Entities.Api("echo", "echo", backend.Address.ToString()),
            Entities.Policy("apis/echo", "<policies><inbound /><backend><choose><when condition=\"@(true)\"><forward-request buffer-request-body=\"true\" /><forward-request buffer-request-body=\"true\" /><forward-request buffer-request-body=\"true\" /></when></choose></backend><outbound><base /></outbound></policies>"));

        using var response = await gateway.Client.PostAsync("/echo/x", new StringContent("body"));

        Assert.Equal("3 body", await response.Content.ReadAsStringAsync());
    }

    private static Task<TestBackend> EchoAsync() => TestBackend.StartAsync(context => context.Response.WriteAsync(context.Request.Headers["X-Trail"].ToString()));

    private static string Append(string value, bool first = false) =>
        $"<policies><inbound>{(first ? "" : "<base />")}<set-header name=\"X-Trail\" exists-action=\"append\"><value>{value}</value></set-header></inbound>"
        + $"<backend>{(first ? "<forward-request />" : "<base />")}</backend><outbound>{(first ? "" : "<base />")}</outbound></policies>";
}
