using Microsoft.AspNetCore.Http;
using Postern.Gateway.Routing;
using Postern.Gateway.State;
using Postern.Gateway.Tests.Parts;
using Postern.Snapshots;

namespace Postern.Gateway.Tests.Routing;

public sealed class RoutingTests
{
    private static readonly VersionSetSnapshot BySegment = new("s", "Segment", null);
    private static readonly VersionSetSnapshot ByHeader = new("h", "Header", "Api-Version");
    private static readonly VersionSetSnapshot ByQuery = new("q", "Query", "v");

    private readonly RouteParameters _parameters = new();

    [Theory]
    [InlineData("/orders", "GET", "GET /orders", "")]
    [InlineData("/orders/", "GET", "GET /orders", "")]
    [InlineData("/ORDERS", "GET", "GET /orders", "")]
    [InlineData("/orders/7", "GET", "GET /orders/{id}", "id=7")]
    [InlineData("/orders/top", "GET", "GET /orders/top", "")]
    [InlineData("/orders/top", "DELETE", "DELETE /orders/{id}", "id=top")]
    [InlineData("/orders/a%2Fb", "GET", "GET /orders/{id}", "id=a/b")]
    [InlineData("/orders/7/lines/8", "GET", "GET /orders/{order}/lines/{line}", "order=7,line=8")]
    [InlineData("/orders/7/files/a/b/c", "PUT", "* /orders/{id}/files/*", "id=7")]
    [InlineData("/orders/7/files", "PUT", "* /orders/{id}/files/*", "id=7")]
    [InlineData("/report.json", "GET", "GET /{name}.json", "name=report")]
    [InlineData("/a.b.json", "GET", "GET /{name}.json", "name=a.b")]
    [InlineData("/items(5)", "GET", "GET /items({key})", "key=5")]
    [InlineData("/range/1-10", "GET", "GET /range/{from}-{to}", "from=1,to=10")]
    [InlineData("/tree/x/y/z", "GET", "GET /tree/{*path}", "path=x/y/z")]
    [InlineData("/other", "GET", "GET /{any}", "any=other")]
    [InlineData("/", "GET", "GET /", "")]
    [InlineData("", "GET", "GET /", "")]
    public void An_operation_is_found_by_template_and_method(string path, string method, string operation, string parameters)
    {
        var tree = Tree(
            "GET /", "GET /orders", "GET /orders/{id}", "GET /orders/top", "DELETE /orders/{id}", "GET /orders/{order}/lines/{line}",
            "* /orders/{id}/files/*", "GET /{name}.json", "GET /items({key})", "GET /range/{from}-{to}", "GET /tree/{*path}", "GET /{any}");

        var found = tree.Find(path, 0, method, "", _parameters);

        Assert.Equal(operation, found?.Name);
        _parameters.Bind(found!.Template, path, "");
        Assert.Equal(parameters, string.Join(",", _parameters.Select(pair => $"{pair.Key}={pair.Value}")));
    }

    [Theory]
    [InlineData("/nothing/here", "GET")]
    [InlineData("/orders", "POST")]
    [InlineData("/orders/7/lines", "GET")]
    [InlineData("/orders//lines/8", "GET")]
    public void What_no_template_matches_is_not_found(string path, string method) =>
        Assert.Null(Tree("GET /orders", "GET /orders/{order}/lines/{line}").Find(path, 0, method, "", _parameters));

    [Fact]
    public void A_template_that_asks_for_a_query_parameter_is_preferred_and_captures_it()
    {
        var tree = Tree("GET /find", "GET /find?by=name&name={name}", "GET /find?id={id}");

        Assert.Equal("GET /find", tree.Find("/find", 0, "GET", "", _parameters)?.Name);
        Assert.Equal("GET /find?id={id}", tree.Find("/find", 0, "GET", "?x=1&id=a%20b", _parameters)?.Name);
        var found = tree.Find("/find", 0, "GET", "?by=name&name=a+b%26", _parameters);
        Assert.Equal("GET /find?by=name&name={name}", found?.Name);
        _parameters.Bind(found!.Template, "/find", "?by=name&name=a+b%26");
        Assert.Equal("a b&", _parameters["name"]);
    }

    [Fact]
    public void A_wildcard_stands_back_behind_everything_more_exact()
    {
        var tree = Tree("* /*", "GET /a/*", "GET /a/{x}", "GET /a/b");

        Assert.Equal("GET /a/b", tree.Find("/a/b", 0, "GET", "", _parameters)?.Name);
        Assert.Equal("GET /a/{x}", tree.Find("/a/c", 0, "GET", "", _parameters)?.Name);
        Assert.Equal("GET /a/*", tree.Find("/a/c/d", 0, "GET", "", _parameters)?.Name);
        Assert.Equal("* /*", tree.Find("/a/c/d", 0, "POST", "", _parameters)?.Name);
        Assert.Equal("* /*", tree.Find("/", 0, "POST", "", _parameters)?.Name);
    }

    [Theory]
    [InlineData("/shop/x", "shop", 5)]
    [InlineData("/shop", "shop", 5)]
    [InlineData("/SHOP/x", "shop", 5)]
    [InlineData("/shop/admin/x", "shop-admin", 11)]
    [InlineData("/shop/adminx", "shop", 5)]
    [InlineData("/shopping", "root", 0)]
    [InlineData("/", "root", 0)]
    public void The_longest_path_wins(string path, string api, int start)
    {
        var table = Table(Entities.Api("root", ""), Entities.Api("shop", "shop"), Entities.Api("shop-admin", "shop/admin"));

        Assert.Equal(api, Find(table, path, out var operationStart)?.Id);
        Assert.Equal(start, operationStart);
    }

    [Theory]
    [InlineData("/customers/x", "1", 10)]
    [InlineData("/customers;rev=1/x", "1", 16)]
    [InlineData("/customers;rev=3/x", "3", 16)]
    [InlineData("/customers;REV=3", "3", 16)]
    [InlineData("/customers;rev=4/x", null, 16)]
    public void A_revision_is_chosen_after_the_path(string path, string? revision, int start)
    {
        var table = Table(Entities.Api("c", "customers"), Entities.Api("c", "customers", revision: "3", current: false));

        Assert.Equal(revision, Find(table, path, out var operationStart)?.Revision);
        Assert.Equal(start, operationStart);
    }

    [Fact]
    public void The_root_api_has_revisions_too()
    {
        var table = Table(Entities.Api("r", ""), Entities.Api("r", "", revision: "2", current: false));

        Assert.Equal("2", Find(table, "/;rev=2/x", out var start)?.Revision);
        Assert.Equal(7, start);
        Assert.Equal("1", Find(table, "/x", out _)?.Revision);
    }

    [Theory]
    [InlineData("/seg/v1/x", "seg-v1")]
    [InlineData("/seg/v2/x", "seg-v2")]
    [InlineData("/seg/v2;rev=1/x", "seg-v2")]
    [InlineData("/seg/x", "seg")]
    public void A_version_can_be_a_segment(string path, string api)
    {
        var table = Table(
            Entities.Api("seg", "seg", version: "", versionSet: BySegment),
            Entities.Api("seg-v1", "seg", version: "v1", versionSet: BySegment),
            Entities.Api("seg-v2", "seg", version: "v2", versionSet: BySegment));

        Assert.Equal(api, Find(table, path, out _)?.Id);
    }

    [Theory]
    [InlineData("v1", "h-v1")]
    [InlineData("V1", "h-v1")]
    [InlineData(null, "h")]
    [InlineData("v9", null)]
    public void A_version_can_be_a_header(string? given, string? api)
    {
        var table = Table(Entities.Api("h", "h", versionSet: ByHeader), Entities.Api("h-v1", "h", version: "v1", versionSet: ByHeader));
        var headers = new HeaderDictionary();
        if (given is not null)
        {
            headers["Api-Version"] = given;
        }

        Assert.Equal(api, Find(table, "/h/x", out _, headers: headers)?.Id);
    }

    [Theory]
    [InlineData("?v=2", "q-2")]
    [InlineData("?a=b&v=2", "q-2")]
    [InlineData("?v=3", null)]
    [InlineData("", null)]
    public void A_version_can_be_a_query_parameter(string query, string? api)
    {
        var table = Table(Entities.Api("q-1", "q", version: "1", versionSet: ByQuery), Entities.Api("q-2", "q", version: "2", versionSet: ByQuery));

        Assert.Equal(api, Find(table, "/q/x", out _, query)?.Id);
    }

    [Fact]
    public void An_api_answers_on_its_protocols_only()
    {
        var table = Table(
            Entities.Api("secure", "a", protocols: ["https"]),
            Entities.Api("chat", "b", protocols: ["ws", "wss"]),
            Entities.Api("plain", "b", protocols: ["http"]));

        Assert.Null(Find(table, "/a", out _, protocol: ApiProtocol.Http));
        Assert.Equal("secure", Find(table, "/a", out _, protocol: ApiProtocol.Https)?.Id);
        Assert.Equal("chat", Find(table, "/b", out _, protocol: ApiProtocol.Ws)?.Id);
        Assert.Equal("plain", Find(table, "/b", out _, protocol: ApiProtocol.Http)?.Id);
    }

    [Fact]
    public void Finding_one_of_many_allocates_nothing()
    {
        var apis = Enumerable.Range(0, 500).Select(index => Entities.Api($"api{index}", $"team{index % 20}/api{index}", operations: ["GET /orders/{id}", "POST /orders"])).ToArray();
        var table = Table(apis);
        var headers = new HeaderDictionary();
        Run();

        var before = GC.GetAllocatedBytesForCurrentThread();
        Run();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        void Run()
        {
            var api = table.Find("/team7/api347/orders/12", new(ApiProtocol.Http, "", headers), out var start);
            _parameters.Return(0);
            Assert.NotNull(api!.Operations.Find("/team7/api347/orders/12", start, "GET", "", _parameters));
        }
    }

    [Fact]
    public void Random_templates_find_themselves()
    {
        var random = new Random(7);
        string[] parts = ["a", "b", "c", "{p}", "{q}.x", "d-{r}"];
        var templates = Enumerable.Range(0, 400)
            .Select(_ => "GET /" + string.Join('/', Enumerable.Range(0, random.Next(1, 5)).Select((_, index) => parts[random.Next(parts.Length)].Replace("}", $"{index}}}", StringComparison.Ordinal))))
            .Distinct().ToArray();
        var tree = Tree(templates);
        foreach (var template in templates)
        {
            var path = System.Text.RegularExpressions.Regex.Replace(template[4..], "\\{[^}]+\\}", "zz");
            _parameters.Clear();
            var found = tree.Find(path, 0, "GET", "", _parameters);
            Assert.NotNull(found);

            // What was found fits the path: the template with its parameters filled in gives the path again.
            _parameters.Bind(found.Template, path, "");
            var again = found.Template.Path;
            foreach (var (name, value) in _parameters)
            {
                again = again.Replace($"{{{name}}}", value, StringComparison.Ordinal);
            }

            Assert.Equal(path, again);
        }
    }

    private static OperationTree Tree(params string[] operations) =>
        new([.. operations.Select((text, index) => new OperationState(new($"op{index}", text, text.Split(' ')[0], text.Split(' ')[1]), index))]);

    private static ApiTable Table(params ApiSnapshot[] apis) =>
        new(apis.Select(api => new ApiState(api, new([.. api.Operations.Select((operation, index) => new OperationState(operation, index))]))));

    private static ApiState? Find(
        ApiTable table, string path, out int start, string query = "", ApiProtocol protocol = ApiProtocol.Http, IHeaderDictionary? headers = null) =>
        table.Find(path, new(protocol, query, headers ?? new HeaderDictionary()), out start);
}
