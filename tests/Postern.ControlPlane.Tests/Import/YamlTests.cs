using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;
using Postern.ControlPlane.Import;

namespace Postern.ControlPlane.Tests.Import;

public sealed class YamlTests
{
    [Fact]
    public void Plain_scalars_become_what_they_look_like_and_quoted_ones_stay_text()
    {
        var node = YamlToJson.Parse("a: 1\nb: 1.5\nc: true\nd: ~\ne: yes\nf: '1'\ng: 007a\nh: {x: [1, two]}\n200: key\n");

        Assert.True(
            JsonNode.DeepEquals(
                JsonNode.Parse("""{"a":1,"b":1.5,"c":true,"d":null,"e":"yes","f":"1","g":"007a","h":{"x":[1,"two"]},"200":"key"}"""), node),
            node!.ToJsonString());
    }

    [Fact]
    public void Anchors_aliases_and_merges_are_expanded()
    {
        var node = YamlToJson.Parse("base: &b {x: 1}\ncopy: *b\nmore:\n  <<: *b\n  y: 2\n");

        Assert.Equal("""{"base":{"x":1},"copy":{"x":1},"more":{"x":1,"y":2}}""", node!.ToJsonString());
    }

    [Fact]
    public void A_document_whose_aliases_grow_without_end_is_refused()
    {
        var bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n" + string.Concat(Enumerable.Range(1, 8).Select(i => $"a{i}: &a{i} [{string.Join(", ", Enumerable.Repeat($"*a{i - 1}", 10))}]\n"));

        var error = Assert.Throws<FormatException>(() => YamlToJson.Parse(bomb));
        Assert.Contains("nodes", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a: [1,")]
    [InlineData("a: *unknown")]
    [InlineData("a: 'x")]
    [InlineData("? [a]\n: b")]
    public void What_is_no_YAML_is_refused_with_its_line(string text) =>
        Assert.Contains("Line", Assert.Throws<FormatException>(() => YamlToJson.Parse(text)).Message, StringComparison.Ordinal);

    [Fact]
    public void JSON_written_as_YAML_reads_back_the_same()
    {
        var texts = Gen.Elements("", "x", "1", "true", "~", "null", "a: b", "- x", "#c", "'q'", "\"q\"", "line\nbreak", " lead", "trail ", "@x", "<<", "é😀", "1e5", "0x1", "{a}", "[a]", "*a", "&a", "!t", "%d", "\\n");
        var leaves = Gen.OneOf(texts.Select(text => (JsonNode?)text), Gen.Elements<JsonNode?>(1, -2.5, true, false, null).Select(node => node?.DeepClone()));
        var lists = Gen.ListOf(leaves).Select(items => (JsonNode?)new JsonArray([.. items.Select(item => item?.DeepClone())]));
        var objects = Gen.ListOf(from name in texts from value in Gen.OneOf(leaves, lists) select (name, value))
            .Select(members => new JsonObject(members.Where(member => member.name != "<<").DistinctBy(member => member.name).Select(member => KeyValuePair.Create(member.name, member.value?.DeepClone()))));

        foreach (var node in objects.Sample(300, 12))
        {
            var yaml = JsonToYaml.Write(node);
            Assert.True(JsonNode.DeepEquals(node, YamlToJson.Parse(yaml)), yaml);
        }
    }
}
