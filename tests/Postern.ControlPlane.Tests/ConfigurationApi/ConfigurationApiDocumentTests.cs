using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using Postern.ControlPlane.Access;
using Postern.ControlPlane.Access.EntraTokens;
using Postern.ControlPlane.ConfigurationApi;
using Postern.Snapshots;

namespace Postern.ControlPlane.Tests.ConfigurationApi;

/// <summary>docs/configuration-api.md says what the code does.</summary>
public sealed class ConfigurationApiDocumentTests
{
    private static readonly string Document = File.ReadAllText(Path.Combine(Folder(), "../../../docs/configuration-api.md"));

    [Fact]
    public void Every_call_is_described()
    {
        foreach (var kind in Enum.GetValues<ConfigurationCallKind>())
        {
            var call = ConfigurationCall.Parse(["gateways", "id", kind.ToString()])!;
            var name = kind.ToString().ToLowerInvariant();

            Assert.All(call.Methods, method =>
            {
                Assert.Contains($"`{method} /gateways/{{id}}/{name}`", Document);
                Assert.Contains($"## `{method} {name}`", Document);
            });
        }
    }

    [Fact]
    public void Every_kind_of_entity_is_described_and_no_other()
    {
        var kinds = typeof(SnapshotEntity).GetCustomAttributes(typeof(JsonDerivedTypeAttribute), false).Cast<JsonDerivedTypeAttribute>().Select(kind => (string)kind.TypeDiscriminator!);
        var described = Regex.Matches(Section("### Entities"), "^\\| `([a-zA-Z]+)` \\|", RegexOptions.Multiline).Select(match => match.Groups[1].Value).Except(["kind"]);

        Assert.Equal(kinds.Order(), described.Order());
    }

    [Fact]
    public void Every_diagnostic_of_the_configuration_api_is_listed()
    {
        var listed = Regex.Matches(Section("## Errors"), "A4\\d\\d").Select(match => match.Value).Distinct();
        var known = AccessDiagnostics.All.Select(entry => entry.Id).Except([AccessDiagnostics.ActionNotPermitted]).Where(id => string.CompareOrdinal(id, "A440") < 0);

        Assert.Equal(known.Order(), listed.Order());
    }

    [Fact]
    public void Diagnostic_ids_are_unique_and_say_something()
    {
        Assert.Equal(AccessDiagnostics.All.Count, AccessDiagnostics.All.Select(entry => entry.Id).Distinct().Count());
        Assert.All(AccessDiagnostics.All, entry => Assert.True(entry.Id.StartsWith("A4", StringComparison.Ordinal) && entry.Title.Length > 3 && entry.Cause.Length > 20 && entry.Cure.Length > 10, entry.Id));
    }

    [Fact]
    public void The_audiences_header_and_data_action_are_those_of_the_code()
    {
        Assert.All(Audiences.Configuration, audience => Assert.Contains($"`{audience}`", Document));
        Assert.Contains($"`{ConfigurationApiEndpoints.VersionHeader}: {ConfigurationApiEndpoints.Version}`", Document);
        Assert.Contains($"`{ConfigurationRights.DataAction}`", Document);
        Assert.All(RoleDataReads.All, action => Assert.Contains($"`{action}`", Document));
    }

    [Fact]
    public void The_examples_can_be_read()
    {
        var heartbeat = JsonSerializer.Deserialize(Example("## `POST heartbeat`"), SnapshotJson.Default.Heartbeat)!;
        Assert.Null(TelemetryRules.Check(heartbeat));
        Assert.Equal(1791, heartbeat.AppliedRevision);

        var batch = JsonSerializer.Deserialize(Example("## `POST metrics`"), SnapshotJson.Default.MetricBatch)!;
        Assert.Null(TelemetryRules.Check(batch));

        var events = JsonSerializer.Deserialize(Example("## `POST events`"), SnapshotJson.Default.EventBatch)!;
        Assert.Null(EventRules.Check(events));

        var traces = JsonSerializer.Deserialize(Example("## `POST traces`"), SnapshotJson.Default.TraceBatch)!;
        Assert.Null(TraceRules.Check(traces));

        var change = JsonSerializer.Deserialize(Example("## `GET events`"), SnapshotJson.Default.SnapshotChange)!;
        Assert.Equal(1791, change.Revision);
        Assert.IsType<NamedValueSnapshot>(Assert.Single(change.Put));

        var error = JsonSerializer.Deserialize(Example("## Errors"), SnapshotJson.Default.ErrorEnvelope)!;
        Assert.Equal(AccessDiagnostics.DataActionNotPermitted, error.Error.Diagnostic);
        Assert.NotNull(JsonNode.Parse(Example("## `GET snapshot`")));
    }

    [Fact]
    public void Every_type_of_event_is_described()
    {
        var types = typeof(GatewayEventTypes).GetFields().Select(field => (string)field.GetValue(null)!);
        var described = Regex.Matches(Section("## `POST events`"), "^\\| `([a-zA-Z.]+)` \\|", RegexOptions.Multiline).Select(match => match.Groups[1].Value);

        Assert.Equal(types.Order(), described.Order());
    }

    [Fact]
    public void The_error_codes_in_the_code_are_in_the_document()
    {
        var folder = Path.Combine(Folder(), "../../../src/Postern.ControlPlane");
        var sources = Directory.GetFiles(Path.Combine(folder, "ConfigurationApi"), "*.cs").Concat(Directory.GetFiles(Path.Combine(folder, "Access/EntraTokens"), "*.cs"));
        var codes = sources.Where(file => !file.EndsWith("Log.cs", StringComparison.Ordinal)).SelectMany(file => Regex.Matches(File.ReadAllText(file), "\"((?:[A-Z][a-z]+){2,})\"")).Select(match => match.Groups[1].Value)
            .Where(code => Regex.IsMatch(code, "Failed|Invalid|Token|Required|NotFound|TooLarge|Unavailable|Error|NotAllowed")).Distinct().Except(["InvalidRequest", "InvalidDataException"]);

        Assert.All(codes, code => Assert.Contains($"`{code}`", Document));
    }

    private static string Section(string heading)
    {
        var start = Document.IndexOf(heading + "\n", StringComparison.Ordinal);
        Assert.True(start >= 0, heading);
        var level = heading[..(heading.IndexOf(' ', StringComparison.Ordinal) + 1)];
        var end = Document.IndexOf("\n" + level, start + heading.Length, StringComparison.Ordinal);
        return end < 0 ? Document[start..] : Document[start..end];
    }

    private static string Example(string heading) => Regex.Match(Section(heading), "```json\\n(.*?)```", RegexOptions.Singleline).Groups[1].Value;

    private static string Folder([CallerFilePath] string path = "") => Path.GetDirectoryName(path)!;
}
