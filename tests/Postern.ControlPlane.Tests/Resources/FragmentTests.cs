using System.Text.Json.Nodes;

namespace Postern.ControlPlane.Tests.Resources;

/// <summary>What a policy fragment may become depends on what it includes, and on what includes it.</summary>
public class FragmentTests(RunningControlPlane plane)
{
    /// <summary>Pairs of writes that are raced; without a guard about every second one comes out wrong.</summary>
    private const int Races = 24;

    [Fact]
    public async Task A_fragment_that_would_break_a_document_which_includes_it_is_refused_and_the_document_named()
    {
        var service = await plane.CreateServiceAsync();
        await FragmentAsync(service, "inner", "<set-method>GET</set-method>");
        await FragmentAsync(service, "outer", "\n<include-fragment fragment-id=\"inner\" />");
        await plane.PutPropertiesAsync($"{service}/products/p", new() { ["displayName"] = "p" });
        await PolicyAsync($"{service}/products/p", "<outbound>\n <choose><when condition=\"true\"><include-fragment fragment-id=\"Outer\" /></when></choose></outbound>");
        await PolicyAsync(service, "<inbound><include-fragment fragment-id=\"outer\" /></inbound>");

        var (status, body) = await TryFragmentAsync(service, "inner", "\n <rewrite-uri template=\"/\" />");

        Assert.Equal((400, "ValidationError"), (status, (string?)body["error"]!["code"]));
        var detail = Assert.Single(body["error"]!["details"]!.AsArray())!;
        Assert.Equal(("products/p", "P118", "outbound\\choose[1]\\when[1]\\include-fragment[1]"),
            ((string?)detail["target"], (string?)detail["diagnostic"], (string?)detail["path"]));
        Assert.StartsWith(
            "The document 'products/p', which includes this fragment at 2:33, would no longer run: Policy fragment 'Outer', line 2, column 1 → 'inner', line 2, column 2: ",
            (string?)detail["message"], StringComparison.Ordinal);
        Assert.Contains("set-method", (string?)(await plane.GetAsync($"{service}/policyFragments/inner")).Body["properties"]!["value"], StringComparison.Ordinal);

        await PolicyAsync($"{service}/products/p", "<inbound />");
        await FragmentAsync(service, "inner", "<rewrite-uri template=\"/\" />");
    }

    [Fact]
    public async Task Of_many_documents_that_would_break_twenty_are_named()
    {
        var service = await plane.CreateServiceAsync();
        await FragmentAsync(service, "f", "");
        for (var i = 0; i < 22; i++)
        {
            await plane.PutPropertiesAsync($"{service}/products/p{i}", new() { ["displayName"] = $"p{i}" });
            await PolicyAsync($"{service}/products/p{i}", "<inbound><include-fragment fragment-id=\"f\" /></inbound>");
        }

        var (status, body) = await TryFragmentAsync(service, "f", "<jsonp callback-parameter-name=\"cb\" />");

        Assert.Equal((400, 20), (status, body["error"]!["details"]!.AsArray().Select(detail => (string?)detail!["target"]).Distinct().Count()));
    }

    [Fact]
    public async Task Fragments_that_would_include_each_other_are_never_both_written()
    {
        var service = await plane.CreateServiceAsync();
        for (var i = 0; i < Races; i++)
        {
            string[] names = [$"a{i}", $"b{i}", $"c{i}"];
            foreach (var name in names)
            {
                await FragmentAsync(service, name, "");
            }

            var answers = await Task.WhenAll(names.Select((name, at) => TryFragmentAsync(service, name, $"<include-fragment fragment-id=\"{names[(at + 1) % 3]}\" />")));

            var refused = Assert.Single(answers, answer => answer.Status != 200);
            Assert.Equal(400, refused.Status);
            Assert.Contains("circle", refused.Body.ToJsonString(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_document_that_includes_a_fragment_and_a_fragment_that_no_longer_fits_it_are_never_both_written()
    {
        var service = await plane.CreateServiceAsync();
        for (var i = 0; i < Races; i++)
        {
            var fragment = $"f{i}";
            await FragmentAsync(service, fragment, "<set-method>GET</set-method>");
            await PolicyAsync(service, "<inbound />");

            var answers = await Task.WhenAll(
                TryFragmentAsync(service, fragment, "<rewrite-uri template=\"/\" />"),
                TryPolicyAsync(service, $"<outbound><include-fragment fragment-id=\"{fragment}\" /></outbound>"));

            Assert.Equal([200, 400], answers.Select(answer => answer.Status).Order());
        }
    }

    [Fact]
    public async Task A_fragment_is_not_deleted_while_a_document_begins_to_include_it()
    {
        var service = await plane.CreateServiceAsync();
        for (var i = 0; i < Races; i++)
        {
            var fragment = $"f{i}";
            await FragmentAsync(service, fragment, "");
            await PolicyAsync(service, "<inbound />");

            var answers = await Task.WhenAll(
                plane.SendAsync(HttpMethod.Delete, $"{service}/policyFragments/{fragment}", ifMatch: "*"),
                TryPolicyAsync(service, $"<inbound><include-fragment fragment-id=\"{fragment}\" /></inbound>"));

            Assert.Equal([200, 400], answers.Select(answer => answer.Status).Order());
        }
    }

    [Fact]
    public async Task A_fragment_may_be_named_by_named_values()
    {
        var service = await plane.CreateServiceAsync();
        const string document = "<inbound><include-fragment fragment-id=\"{{stage}}-auth\" /></inbound>";
        Assert.Equal(["P104", "P116"], await DiagnosticsAsync(TryPolicyAsync(service, document)));
        await plane.PutPropertiesAsync($"{service}/namedValues/n", new() { ["displayName"] = "stage", ["value"] = "test" });
        var (_, missing) = await TryPolicyAsync(service, document);
        Assert.Contains("There is no policy fragment 'test-auth'.", missing.ToJsonString().Replace("\\u0027", "'", StringComparison.Ordinal), StringComparison.Ordinal);
        await FragmentAsync(service, "test-auth", "");
        await PolicyAsync(service, document);

        var (_, references) = await plane.SendAsync(HttpMethod.Post, $"{service}/policyFragments/test-auth/listReferences");
        Assert.Equal($"{service}/policies/policy", (string?)Assert.Single(references["value"]!.AsArray())!["id"]);
        Assert.Equal(400, (await plane.SendAsync(HttpMethod.Delete, $"{service}/policyFragments/test-auth", ifMatch: "*")).Status);
        Assert.Equal(["P118"], await DiagnosticsAsync(TryFragmentAsync(service, "test-auth", "<jsonp callback-parameter-name=\"cb\" />")));
        Assert.Equal(["P117"], await DiagnosticsAsync(TryFragmentAsync(service, "test-auth", "<include-fragment fragment-id=\"{{ stage }}-auth\" />")));
    }

    private static async Task<string[]> DiagnosticsAsync(Task<(int Status, JsonObject Body)> writing)
    {
        var (status, body) = await writing;
        Assert.Equal(400, status);
        return [.. body["error"]!["details"]!.AsArray().Select(detail => (string)detail!["diagnostic"]!).Order(StringComparer.Ordinal)];
    }

    private async Task FragmentAsync(string service, string name, string policies) =>
        await plane.PutPropertiesAsync($"{service}/policyFragments/{name}", Fragment(policies));

    private Task<(int Status, JsonObject Body)> TryFragmentAsync(string service, string name, string policies) =>
        plane.PutAsync($"{service}/policyFragments/{name}", new() { ["properties"] = Fragment(policies) });

    private async Task PolicyAsync(string owner, string sections) => await plane.PutPropertiesAsync($"{owner}/policies/policy", Policy(sections));

    private Task<(int Status, JsonObject Body)> TryPolicyAsync(string owner, string sections) =>
        plane.PutAsync($"{owner}/policies/policy", new() { ["properties"] = Policy(sections) });

    private static JsonObject Fragment(string policies) => new() { ["format"] = "rawxml", ["value"] = $"<fragment>{policies}</fragment>" };

    private static JsonObject Policy(string sections) => new() { ["format"] = "rawxml", ["value"] = $"<policies>{sections}</policies>" };
}
