using Postern.Policies.Expressions;
using Postern.Policies.Language;

namespace Postern.Policies.Tests;

/// <summary>Run with POSTERN_WRITE_DOCS=1 to bring the generated parts up to date.</summary>
public sealed class ReferencePages
{
    private static readonly string Root = FindRoot();
    private static readonly bool Write = Environment.GetEnvironmentVariable("POSTERN_WRITE_DOCS") == "1";

    public static TheoryData<string> Policies() => [.. PolicyCatalogue.All.Select(definition => definition.Syntax.Name)];

    [Theory]
    [MemberData(nameof(Policies))]
    public void The_page_of_a_policy_says_what_its_record_says(string name) =>
        Compare($"docs/policies/{name}.md", ReferencePage.For(PolicyCatalogue.Find(name)!), ReferencePage.HandWritten);

    [Fact]
    public void The_page_of_expressions_lists_the_allowed_types() =>
        Compare("docs/policies/expressions.md", $"# Types that expressions may use\n\n{ExpressionPage.Types()}\n", ReferencePage.HandWritten);

    [Theory]
    [MemberData(nameof(Policies))]
    public void A_policy_has_at_least_six_cases(string name)
    {
        if (PolicyCatalogue.Find(name)!.Syntax.PartOnly)
        {
            return;
        }

        var folder = Path.Combine(AppContext.BaseDirectory, "Cases", name);
        Assert.True(Directory.Exists(folder) && Directory.GetFiles(folder, "*.case").Length >= 6, $"Cases/{name} needs six cases");
    }

    /// <summary>The product's policies, by the element names of its reference.</summary>
    [Fact]
    public void Every_policy_of_the_product_is_run_or_refused_with_a_reason()
    {
        const string Reference = """
            rate-limit rate-limit-by-key quota quota-by-key limit-concurrency llm-token-limit azure-openai-token-limit
            check-header ip-filter validate-jwt validate-azure-ad-token validate-client-certificate authentication-basic authentication-certificate
            authentication-managed-identity get-authorization-context
            validate-content validate-parameters validate-headers validate-status-code validate-odata-request validate-graphql-request
            forward-request set-backend-service proxy
            cache-lookup cache-store cache-lookup-value cache-store-value cache-remove-value llm-semantic-cache-lookup llm-semantic-cache-store
            azure-openai-semantic-cache-lookup azure-openai-semantic-cache-store llm-content-safety llm-emit-token-metric azure-openai-emit-token-metric
            set-method set-status set-variable set-body set-header set-query-parameter rewrite-uri json-to-xml xml-to-json find-and-replace
            redirect-content-urls xsl-transform return-response mock-response cors cross-domain jsonp
            send-request send-one-way-request log-to-eventhub send-service-bus-message publish-to-dapr invoke-dapr-binding invoke-request
            trace emit-metric choose include-fragment retry wait http-data-source sql-data-source cosmosdb-data-source publish-event
            """;
        var names = Reference.Split((char[])[' ', '\n', '\r'], StringSplitOptions.RemoveEmptyEntries);
        Assert.All(names, name => Assert.True((PolicyCatalogue.Find(name) is null) == UnsupportedPolicies.Reasons.ContainsKey(name), name));
    }

    [Theory]
    [MemberData(nameof(Policies))]
    public void A_policy_has_a_benchmark_and_a_budget(string name)
    {
        // The check of budgets refuses a line that nothing is measured for, so a line is a benchmark.
        var lines = File.ReadLines(Path.Combine(Root, "bench/Postern.Bench/budgets.txt"));
        Assert.Contains(lines, line => line.StartsWith($"every policy: {name} ", StringComparison.Ordinal));
    }

    private static void Compare(string path, string generated, string handWritten)
    {
        var file = Path.Combine(Root, path);
        var text = File.Exists(file) ? File.ReadAllText(file).ReplaceLineEndings("\n") : "";
        var cut = text.IndexOf($"\n{handWritten}", StringComparison.Ordinal);
        var expected = cut < 0 ? $"{generated.TrimEnd()}\n" : $"{generated.TrimEnd()}\n{text[cut..]}";
        if (Write && text != expected)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            File.WriteAllText(file, expected);
            return;
        }

        Assert.True(text == expected, $"{path} is not current: run the tests with POSTERN_WRITE_DOCS=1");
    }

    private static string FindRoot()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Postern.slnx")))
        {
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("The repository's root was not found.");
        }

        return folder;
    }
}
