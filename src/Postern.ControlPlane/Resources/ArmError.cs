using System.Text.Json.Nodes;

namespace Postern.ControlPlane.Resources;

/// <summary>A refused management call, as Azure Resource Manager words it.</summary>
/// <param name="Code">Stable, for programs.</param>
/// <param name="Message">For people; names what to mend and no secret.</param>
/// <param name="Target">Member or resource that is wrong.</param>
/// <param name="Diagnostic">Id in docs/diagnostics.md, where there is one.</param>
internal sealed record ArmError(
    int Status, string Code, string Message, string? Target = null, IReadOnlyList<ArmErrorDetail>? Details = null, string? Diagnostic = null)
{
    public JsonObject ToJson()
    {
        var error = new JsonObject { ["code"] = Code, ["message"] = Message };
        if (Target is not null)
        {
            error["target"] = Target;
        }

        error["details"] = Details is null ? null : new JsonArray([.. Details.Select(JsonNode (detail) => detail.ToJson())]);
        if (Diagnostic is not null)
        {
            error["diagnostic"] = Diagnostic;
        }

        return new() { ["error"] = error };
    }
}

/// <param name="Line">From 1, where the problem has a place in a text.</param>
/// <param name="Column">From 1.</param>
/// <param name="Path">Section and statement, where the text is a policy document: <c>inbound\choose[1]\when[2]</c>.</param>
internal sealed record ArmErrorDetail(
    string Code, string? Target, string Message, string? Diagnostic = null, int? Line = null, int? Column = null, string? Path = null)
{
    public JsonObject ToJson()
    {
        var detail = new JsonObject { ["code"] = Code, ["target"] = Target, ["message"] = Message };
        if (Diagnostic is not null)
        {
            detail["diagnostic"] = Diagnostic;
        }

        if (Line is { } line)
        {
            detail["line"] = line;
            detail["column"] = Column;
        }

        if (!string.IsNullOrEmpty(Path))
        {
            detail["path"] = Path;
        }

        return detail;
    }
}
