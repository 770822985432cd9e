using System.Net;
using System.Text.Json;

namespace Postern.Portal.Tests;

/// <summary>The editor without scripts, as its form works.</summary>
public sealed class PolicyEditorTests : IAsyncLifetime
{
    /// <summary>A refusal as the management API words it.</summary>
    internal static readonly object Refusal = new
    {
        error = new
        {
            code = "ValidationError",
            message = "One or more fields contain incorrect values:",
            details = new[]
            {
                new { code = "ValidationError", target = "set-heder", message = "Error in element 'set-heder' on line 3, column 5: no policy has this name. <P101>" },
                new { code = "ValidationError", target = "representation", message = "The document is not what it should be." },
            },
        },
    };

    private const string Path = FakeManagement.Root + "/apis/echo/policies/policy";

    private readonly PortalFixture _fixture = new();

    public ValueTask InitializeAsync() => _fixture.InitializeAsync();

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Fact]
    public async Task Saving_puts_the_text_as_rawxml_over_the_version_that_was_read()
    {
        using var client = await _fixture.SignedIn();
        var form = await Editor(client, "/apis/echo");
        Assert.Equal("AAAAAAAA1=", form["Tag"]);

        form["Text"] = "<policies>\r\n  <inbound><set-variable name=\"a\" value=\"@(1 < 2 && \"b\" != null)\" /></inbound>\r\n</policies>";
        using var answer = await client.PostAsync("/apis/echo?edit=1", new FormUrlEncodedContent(form));

        Assert.Equal(HttpStatusCode.Found, answer.StatusCode);
        Assert.Contains("/apis/echo?saved=1", answer.Headers.Location!.OriginalString, StringComparison.Ordinal);
        var written = (JsonElement)((FakeManagement.Tagged)_fixture.Management.Answers[Path]).Body;
        Assert.Equal("rawxml", written.GetProperty("properties").GetProperty("format").GetString());
        Assert.Equal(form["Text"].ReplaceLineEndings("\n"), written.GetProperty("properties").GetProperty("value").GetString());
    }

    [Fact]
    public async Task A_refused_document_stays_in_the_editor_with_each_problem_and_its_place()
    {
        _fixture.Management.Refusals[Path] = Refusal;
        using var client = await _fixture.SignedIn();
        var form = await Editor(client, "/apis/echo");
        form["Text"] = "<policies>\n  <inbound>\n    <set-heder />\n";
        using var answer = await client.PostAsync("/apis/echo?edit=1", new FormUrlEncodedContent(form));
        var page = await answer.Content.ReadAsStringAsync();

        Assert.Contains("data-line=\"3\" data-column=\"5\"", page, StringComparison.Ordinal);
        Assert.Contains("no policy has this name. &lt;P101&gt;", page, StringComparison.Ordinal);
        Assert.Contains("The document is not what it should be.", page, StringComparison.Ordinal);
        Assert.Contains("    &lt;set-heder /&gt;", page, StringComparison.Ordinal);
        Assert.Equal(1, ((FakeManagement.Tagged)_fixture.Management.Answers[Path]).Version);
    }

    [Fact]
    public async Task Nobody_elses_change_is_overwritten()
    {
        using var client = await _fixture.SignedIn();
        var form = await Editor(client, "/apis/echo");
        _fixture.Management.Answers[Path] = new FakeManagement.Tagged(new { properties = new { value = "<policies><!-- theirs --></policies>" } }, 2);
        form["Text"] = "<policies><!-- mine --></policies>";
        using var answer = await client.PostAsync("/apis/echo?edit=1", new FormUrlEncodedContent(form));
        var page = await answer.Content.ReadAsStringAsync();

        Assert.Contains("somebody else has changed this policy", page, StringComparison.Ordinal);
        Assert.Contains("mine", page, StringComparison.Ordinal);
        Assert.Equal(2, ((FakeManagement.Tagged)_fixture.Management.Answers[Path]).Version);
    }

    [Fact]
    public async Task Where_there_is_no_document_the_editor_starts_with_one_for_its_scope()
    {
        using var client = await _fixture.SignedIn();

        Assert.Contains("<forward-request />", (await Editor(client, "/policy"))["Text"], StringComparison.Ordinal);
        Assert.Contains("<base />", (await Editor(client, "/apis/echo/operations/get"))["Text"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_form_without_its_antiforgery_token_changes_nothing()
    {
        using var client = await _fixture.SignedIn();
        var form = await Editor(client, "/apis/echo");
        form.Remove("__RequestVerificationToken");
        using var answer = await client.PostAsync("/apis/echo?edit=1", new FormUrlEncodedContent(form));

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Equal(1, ((FakeManagement.Tagged)_fixture.Management.Answers[Path]).Version);
    }

    [Fact]
    public async Task A_stranger_can_not_save()
    {
        using var client = await _fixture.SignedIn();
        var form = await Editor(client, "/apis/echo");
        using var stranger = _fixture.Client();
        using var answer = await stranger.PostAsync("/apis/echo?edit=1", new FormUrlEncodedContent(form));

        Assert.Equal(HttpStatusCode.Redirect, answer.StatusCode);
        Assert.Equal(1, ((FakeManagement.Tagged)_fixture.Management.Answers[Path]).Version);
    }

    private static async Task<Dictionary<string, string>> Editor(HttpClient client, string path)
    {
        var page = await client.GetStringAsync(path + "?edit=1");
        return new()
        {
            ["__RequestVerificationToken"] = PortalFixture.FormToken(page),
            ["_handler"] = "policy",
            ["Tag"] = Between(page, "name=\"Tag\" value=\"", "\"") ?? "",
            ["Text"] = Between(page[page.IndexOf("<textarea", StringComparison.Ordinal)..], ">", "</textarea>")![1..],
        };
    }

    private static string? Between(string page, string before, string after)
    {
        var start = page.IndexOf(before, StringComparison.Ordinal);
        return start < 0 ? null : WebUtility.HtmlDecode(page[(start + before.Length)..page.IndexOf(after, start + before.Length, StringComparison.Ordinal)]);
    }
}
