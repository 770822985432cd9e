using System.Text.Json.Nodes;
using Postern.Configuration.Folder;
using Postern.Configuration.Import;
using Postern.Testing;

namespace Postern.EndToEnd.Tests.Configuration;

/// <summary>The folder alone: names, what is read and refused, what counts as a difference.</summary>
public sealed class FolderTests
{
    [Theory]
    [InlineData("orders;rev=2", "orders;rev=2")]
    [InlineData("..", "%2E%2E")]
    [InlineData(".git", "%2Egit")]
    [InlineData("a/../../b", "a%2F..%2F..%2Fb")]
    [InlineData("a\\b", "a%5Cb")]
    [InlineData("50% \"off\"", "50%25 %22off%22")]
    [InlineData("Größe", "Größe")]
    [InlineData("end.", "end%2E")]
    public void A_name_becomes_a_folder_that_stays_where_it_is(string name, string folder)
    {
        Assert.Equal(folder, FolderNames.Encode(name));
        Assert.Equal(name.Contains('/', StringComparison.Ordinal) || name.Contains('\\', StringComparison.Ordinal) || name is ".." ? null : name, FolderNames.Decode(folder));
    }

    [Theory]
    [InlineData("{\n  \"properties\": {\n    \"value\": 1,\n  }\n}", "named values/a/namedValueInformation.json:4: ")]
    [InlineData("{\n  \"displayName\": \"a\"\n}", "named values/a/namedValueInformation.json:2: 'displayName' does not belong there")]
    [InlineData("{\"properties\": {\"a\": 1, \"a\": 2}}", "named values/a/namedValueInformation.json:1: ")]
    [InlineData("[]", "named values/a/namedValueInformation.json:1: must hold a JSON object.")]
    [InlineData("{\n\n\"properties\": 7}", "named values/a/namedValueInformation.json:3: 'properties' must be there")]
    public void A_file_that_was_edited_badly_is_named_with_its_line(string text, string told)
    {
        using var folder = new TemporaryFolder();
        Write(folder, "named values/a/namedValueInformation.json", text);
        Assert.Contains(FolderReader.Read(folder.Path).Problems, problem => problem.ToString().StartsWith(told, StringComparison.Ordinal));
    }

    [Fact]
    public void A_definition_that_is_none_is_named()
    {
        using var folder = new TemporaryFolder();
        Write(folder, "apis/a/apiInformation.json", "{\"properties\": {}}");
        Write(folder, "apis/a/specification.yaml", "openapi: 3.0.1\npaths: [");
        Write(folder, "apis/b/apiInformation.json", "{\"properties\": {}}");
        Write(folder, "apis/b/specification.wadl", "<application />");
        Write(folder, "apis/c/specification.yaml", "openapi: 3.0.1");
        var problems = FolderReader.Read(folder.Path).Problems.Select(problem => problem.ToString()).ToList();
        Assert.Contains(problems, problem => problem.StartsWith("apis/a/specification.yaml: The document is not well-formed YAML: Line ", StringComparison.Ordinal));
        Assert.Contains(problems, problem => problem.StartsWith("apis/b/specification.wadl: WADL is not imported here", StringComparison.Ordinal));
        Assert.Contains(problems, problem => problem.StartsWith("apis/c/specification.yaml: has no apiInformation.json", StringComparison.Ordinal));
    }

    [Fact]
    public void Links_that_lead_out_of_the_folder_are_not_followed()
    {
        using var folder = new TemporaryFolder();
        using var elsewhere = new TemporaryFolder();
        Write(elsewhere, "passwd", "{\"properties\": {\"displayName\": \"stolen\"}}");
        Write(elsewhere, "tags/out/tagInformation.json", "{\"properties\": {\"displayName\": \"stolen\"}}");
        Write(folder, "tags/in/tagInformation.json", "{\"properties\": {\"displayName\": \"mine\"}}");
        Directory.CreateDirectory(folder.In("tags/link"));
        File.CreateSymbolicLink(folder.In("tags/link/tagInformation.json"), elsewhere.In("passwd"));
        Directory.CreateSymbolicLink(folder.In("tags/folder"), elsewhere.In("tags/out"));
        Directory.CreateSymbolicLink(folder.In("tags/same"), folder.In("tags/in"));

        var content = FolderReader.Read(folder.Path);

        Assert.Equal(["tags/in", "tags/same"], content.Resources.Select(resource => resource.Path).Order(StringComparer.Ordinal));
        Assert.Equal(
            ["tags/folder", "tags/link/tagInformation.json"],
            content.Problems.Where(problem => problem.Message.Contains("leads out of the folder", StringComparison.Ordinal))
                .Select(problem => problem.File).Where(file => file != "tags/folder/tagInformation.json").Distinct().Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Files_that_are_too_big_or_no_text_are_refused()
    {
        using var folder = new TemporaryFolder();
        Write(folder, "tags/a/tagInformation.json", new string(' ', FolderFiles.LargestFile + 1));
        Write(folder, "policy.xml", "");
        File.WriteAllBytes(folder.In("policy.xml"), [0xff, 0xfe, 0xff, 0xc0, 0x80]);
        File.WriteAllBytes(folder.In("policy.xml"), [0x3c, 0xc0, 0x80]);
        var problems = FolderReader.Read(folder.Path).Problems.Select(problem => problem.ToString()).ToList();
        Assert.Contains("tags/a/tagInformation.json: is larger than 10 MiB.", problems);
        Assert.Contains("policy.xml: is not UTF-8 text.", problems);
    }

    [Fact]
    public void Files_that_mean_nothing_are_told()
    {
        using var folder = new TemporaryFolder();
        Write(folder, "tags/a/tagInformation.json", "{\"properties\": {\"displayName\": \"a\"}}");
        Write(folder, "tags/a/tagInfomation.json", "{}");
        Write(folder, "api/a/apiInformation.json", "{}");
        Write(folder, "README.md", "");
        var notes = FolderReader.Read(folder.Path).Notes.Select(note => note.File).ToList();
        Assert.Equal(["api", "tags/a/tagInfomation.json"], notes.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Relations_of_older_versions_of_APIOps_are_understood()
    {
        using var folder = new TemporaryFolder();
        Write(folder, "products/p/apis.json", "[{\"name\": \"a\"}, {\"name\": \"b\"}]");
        Write(folder, "gateways/g/apis.json", "[{\"name\": \"a\"}]");
        Write(folder, "apis/a/tags.json", "[{\"name\": \"t\"}]");
        Write(folder, "products/q/apis.json", "[{\"name\": \"../..\"}]");
        var content = FolderReader.Read(folder.Path);
        Assert.Equal(["apis/a/tags/t", "gateways/g/apis/a", "products/p/apis/a", "products/p/apis/b"], content.Resources.Select(resource => resource.Path).Order(StringComparer.Ordinal));
        Assert.Equal("products/q/apis.json", Assert.Single(content.Problems).File);
    }

    [Theory]
    [InlineData("""{"displayName": "A"}""", """{"displayName": "A", "description": "", "state": "notPublished", "subscriptionRequired": true}""", "")]
    [InlineData("""{"displayName": "A"}""", """{"displayName": "A", "description": "old"}""", "description")]
    [InlineData("""{"displayName": "A", "terms": null}""", """{"displayName": "A"}""", "")]
    [InlineData("""{"displayName": "A", "subscriptionsLimit": 5}""", """{"displayName": "A", "subscriptionsLimit": 5.0}""", "")]
    [InlineData("""{"displayName": "A", "subscriptionRequired": true}""", """{"displayName": "A"}""", "")]
    [InlineData("""{"displayName": "A", "subscriptionRequired": false}""", """{"displayName": "A"}""", "subscriptionRequired")]
    [InlineData("""{"displayName": "A", "x": {"y": [{"z": 1}]}}""", """{"displayName": "A", "x": {"y": [{"z": 2}]}}""", "x.y[0].z")]
    [InlineData("""{"displayName": "A\r\nB"}""", """{"displayName": "A\nB"}""", "")]
    public void Only_what_matters_is_a_difference(string folder, string service, string different)
    {
        var differences = MemberDifferences.Of(FolderLayout.Products, (JsonObject)JsonNode.Parse(folder)!, (JsonObject)JsonNode.Parse(service)!);
        Assert.Equal(different, string.Join(' ', differences.Select(difference => difference.Path)));
    }

    [Fact]
    public void Documents_that_a_service_laid_out_anew_are_the_same()
    {
        Assert.True(PolicyTexts.Same("<policies>\n  <inbound><base /></inbound>\n</policies>\n", "<policies>\r\n\t<inbound>\r\n\t\t<base />\r\n\t</inbound>\r\n</policies>"));
        Assert.False(PolicyTexts.Same("<policies>\n  <inbound><base /></inbound>\n</policies>", "<policies>\n  <inbound>\n    <base />\n  </inbound>\n</policies>"));
        Assert.False(PolicyTexts.Same("<a b=\"1\" />", "<a b=\"2\" />"));
    }

    [Fact]
    public void Lines_that_differ_are_shown_between_those_that_don_t() =>
        Assert.Equal(["- b", "+ x", "+ y"], TextDifference.Of("a\nb\nc\n", "a\nx\ny\nc\n"));

    [Fact]
    public void An_overriding_file_that_is_no_YAML_is_named_with_its_line()
    {
        using var folder = new TemporaryFolder();
        Write(folder, "configuration.yaml", "namedValues:\n  - name: a\n   properties: {}\n");
        var error = Assert.Throws<FormatException>(() => Overrides.Read(folder.In("configuration.yaml")));
        Assert.Contains("configuration.yaml: Line 3", error.Message, StringComparison.Ordinal);
    }

    private static void Write(TemporaryFolder folder, string file, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(folder.In(file))!);
        File.WriteAllText(folder.In(file), text);
    }
}
