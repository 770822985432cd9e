using Newtonsoft.Json;
using Newtonsoft.Json.Linq;
using Postern.Policies.Schemas;

namespace Postern.Policies.Tests;

/// <summary>What each keyword lets through and what not; <c>Corpus/json-schemas.txt</c> holds the cases.</summary>
public sealed class JsonSchemaRulesTests
{
    public static TheoryData<string, bool, string> Cases()
    {
        var cases = new TheoryData<string, bool, string>();
        var schema = "";
        foreach (var line in File.ReadLines(Path.Combine(AppContext.BaseDirectory, "Corpus", "json-schemas.txt")))
        {
            if (line.StartsWith('{'))
            {
                schema = line;
            }
            else if (line is ['+' or '-', ' ', ..])
            {
                cases.Add(schema, line[0] == '+', line[2..]);
            }
        }

        return cases;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_value_fits_its_schema_or_not(string schema, bool fits, string value) => Assert.Equal(fits, Check(schema, value) is null);

    [Fact]
    public void There_are_cases() => Assert.InRange(Cases().Count, 120, int.MaxValue);

    [Fact]
    public void A_fault_says_where_it_is()
    {
        var fault = Check("""{"properties":{"a":{"type":"integer"}}}""", "{\n  \"b\": 1,\n  \"a\": \"x\"\n}");

        Assert.Equal("Expected integer. Line: 3, Position: 10", fault?.ToString());
    }

    [Fact]
    public void A_pattern_that_would_run_for_ever_is_a_fault() =>
        Assert.Contains("can't be matched", Check("""{"pattern":"^(a+)+$"}""", $"\"{new string('a', 40)}b\"")!.Message, StringComparison.Ordinal);

    [Fact]
    public void Alternatives_that_multiply_have_an_end()
    {
        const string Schema = """
            {"definitions":{"n":{"anyOf":[
                {"properties":{"n":{"$ref":"#/definitions/n"}},"required":["a"]},
                {"properties":{"n":{"$ref":"#/definitions/n"}},"required":["b"]},
                {"properties":{"n":{"$ref":"#/definitions/n"}},"maxItems":1,"not":{}}]}},"$ref":"#/definitions/n"}
            """;
        var value = string.Concat(Enumerable.Repeat("""{"a":1,"b":1,"n":""", 40)) + "{}" + new string('}', 40);

        // Three to the power of forty comparisons would not end.
        Assert.NotNull(Check(Schema, value));
    }

    [Fact]
    public void A_reference_to_itself_is_a_fault() => Assert.Contains("too deeply", Check("""{"$ref":"#"}""", "1")!.Message, StringComparison.Ordinal);

    internal static SchemaFault? Check(string schema, string value)
    {
        var rules = JToken.Parse(schema);
        using var reader = new JsonTextReader(new StringReader(value)) { DateParseHandling = DateParseHandling.None };
        return new JsonSchemaRules(rules, new(null, false)).Check(JToken.ReadFrom(reader), rules);
    }
}
