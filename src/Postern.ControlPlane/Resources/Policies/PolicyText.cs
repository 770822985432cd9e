using System.Text.Json.Nodes;
using Postern.Policies;

namespace Postern.ControlPlane.Resources.Policies;

/// <summary>Policy documents and fragments on their way in and out: links are fetched, problems reported, formats converted.</summary>
internal static class PolicyText
{
    public static async ValueTask<ArmError?> PrepareAsync(KindServices services, ResourceChange change, PolicyScope scope, CancellationToken cancellation)
    {
        var properties = change.Properties;
        var format = properties.Text("format")!.ToLowerInvariant();
        var text = properties.Text("value")!;
        if (format.EndsWith("-link", StringComparison.Ordinal))
        {
            var fetched = await services.Links.FetchAsync(text, cancellation);
            if (fetched.Problem is not null)
            {
                change.Problem("value", fetched.Problem);
                return null;
            }

            text = fetched.Text!;
            format = format[..^"-link".Length];
        }

        properties["value"] = text;
        properties["format"] = format;
        var source = new PolicySource(scope, PolicyNames.Of(change.Id), StoredDocument.FormatOf(format), text);
        var inclusions = await FragmentInclusions.ReadAsync(services, change, source, cancellation);
        change.Problems.AddRange(PolicyReader.Validate(source, inclusions.References).Select(Detail));
        if (change.Problems.Count == 0)
        {
            await inclusions.CheckAsync(cancellation);
        }

        return null;
    }

    public static ArmErrorDetail Detail(PolicyDiagnostic problem) => new(
        "ValidationError", problem.Element.Length == 0 ? null : problem.Element, problem.ToString(), problem.Id, problem.Line, problem.Column, problem.Path);

    /// <summary>In the format asked for; <c>xml</c> unless the query says otherwise. Only rawxml answers name their format.</summary>
    public static void Present(JsonObject properties, ResourceView view)
    {
        var raw = string.Equals(view.Call.Query["format"], "rawxml", StringComparison.OrdinalIgnoreCase);
        var stored = properties.Text("format");
        if (properties.Text("value") is { } text && raw != (stored == "rawxml"))
        {
            properties["value"] = raw ? PolicyFormats.ToRaw(text) : PolicyFormats.ToXml(text);
        }

        properties.Remove("format");
        if (raw)
        {
            properties["format"] = "rawxml";
        }
    }
}
