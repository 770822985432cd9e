using FsCheck;
using FsCheck.Fluent;
using NJsonSchema;
using Postern.Testing;

namespace Postern.Policies.Tests;

/// <summary>Our JSON Schema beside NJsonSchema's. Where the two differ it is listed, with the row of decision 40 that says why.</summary>
public sealed class JsonSchemaComparison
{
    private const string Decision = "docs/decisions/0040-tokens-and-schemas-in-policies.md";

    [Fact]
    public async Task Every_case_of_ours_is_judged_alike_by_both_except_those_listed()
    {
        var listed = Rows().SelectMany(row => row.Lines).ToHashSet(StringComparer.Ordinal);
        var found = new HashSet<string>(StringComparer.Ordinal);
        foreach (var row in JsonSchemaRulesTests.Cases())
        {
            var (schema, fits, value) = row.Data;
            var theirs = await NJsonSchemaVerdicts.OfAsync(schema, value);
            if (theirs != (fits ? SchemaVerdict.Fits : SchemaVerdict.Refused))
            {
                found.Add($"{(theirs switch { SchemaVerdict.Fits => '+', SchemaVerdict.Refused => '-', _ => '!' })} {schema} :: {value}");
            }
        }

        Assert.Empty(found.Except(listed));
        Assert.Empty(listed.Except(found));
    }

    [Fact]
    public async Task Schemas_made_at_random_are_judged_alike_by_both()
    {
        var (fit, refused) = (0, 0);
        foreach (var (schema, value) in GeneratedSchemas.Pairs.Sample(400, 8))
        {
            var ours = JsonSchemaRulesTests.Check(schema, value);
            Assert.True(
                await NJsonSchemaVerdicts.OfAsync(schema, value) == (ours is null ? SchemaVerdict.Fits : SchemaVerdict.Refused), $"{value} and {schema}: {ours}");
            _ = ours is null ? fit++ : refused++;
        }

        Assert.InRange(fit, 50, 350);
        Assert.InRange(refused, 50, 350);
    }

    [Fact]
    public async Task Nullable_is_known_to_NJsonSchema_in_the_mode_for_OpenAPI_3_only()
    {
        const string Schema = """{"type":"string","nullable":true}""";
        Assert.Equal(SchemaVerdict.Refused, await NJsonSchemaVerdicts.OfAsync(Schema, "null", SchemaType.JsonSchema));
        Assert.Equal(SchemaVerdict.Fits, await NJsonSchemaVerdicts.OfAsync(Schema, "null", SchemaType.OpenApi3));
    }

    [Fact]
    public async Task Both_say_where_a_fault_is()
    {
        const string Schema = """{"properties":{"a":{"type":"integer"}}}""";
        const string Value = "{\n  \"b\": 1,\n  \"a\": \"x\"\n}";
        var theirs = Assert.Single(await NJsonSchemaVerdicts.FaultsAsync(Schema, Value));
        var ours = JsonSchemaRulesTests.Check(Schema, Value)!;
        Assert.Equal((theirs.LineNumber, theirs.LinePosition), (ours.Line, ours.Position));
    }

    [Fact]
    public void Every_row_of_the_decision_is_shown_or_says_why_it_is_not()
    {
        var table = File.ReadLines(Path.Combine(GeneratedDocument.Root, Decision))
            .Where(line => line.StartsWith("| ", StringComparison.Ordinal) && !line.StartsWith("| |", StringComparison.Ordinal))
            .Select(line => line.Split('|')[1].Trim());
        Assert.Equal(table.Order(StringComparer.Ordinal), Rows().Select(row => row.Row).Order(StringComparer.Ordinal));
        Assert.DoesNotContain(Rows(), row => row.Lines.Count == 0 && row.Remarks.Count == 0);
    }

    private static List<(string Row, List<string> Lines, List<string> Remarks)> Rows()
    {
        var rows = new List<(string Row, List<string> Lines, List<string> Remarks)>();
        foreach (var line in File.ReadLines(Path.Combine(AppContext.BaseDirectory, "Corpus", "json-schema-differences.txt")))
        {
            if (line.StartsWith("## ", StringComparison.Ordinal))
            {
                rows.Add((line[3..], [], []));
            }
            else if (rows.Count > 0 && line.Length > 0)
            {
                (line[0] == '#' ? rows[^1].Remarks : rows[^1].Lines).Add(line);
            }
        }

        return rows;
    }
}
