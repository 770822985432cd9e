using System.Text.Json;
using System.Text.Json.Nodes;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Postern.ControlPlane.Import;

/// <summary>JSON as YAML that <see cref="YamlToJson"/> reads back as the same JSON.</summary>
internal static class JsonToYaml
{
    public static string Write(JsonNode node)
    {
        using var text = new StringWriter { NewLine = "\n" };
        var emitter = new Emitter(text);
        emitter.Emit(new StreamStart());
        emitter.Emit(new DocumentStart(null, null, isImplicit: true));
        Emit(emitter, node);
        emitter.Emit(new DocumentEnd(isImplicit: true));
        emitter.Emit(new StreamEnd());
        return text.ToString();
    }

    private static void Emit(Emitter emitter, JsonNode? node)
    {
        switch (node)
        {
            case JsonObject value:
                emitter.Emit(new MappingStart(AnchorName.Empty, TagName.Empty, true, value.Count == 0 ? MappingStyle.Flow : MappingStyle.Block));
                foreach (var (name, member) in value)
                {
                    EmitText(emitter, name);
                    Emit(emitter, member);
                }

                emitter.Emit(new MappingEnd());
                break;
            case JsonArray list:
                emitter.Emit(new SequenceStart(AnchorName.Empty, TagName.Empty, true, list.Count == 0 ? SequenceStyle.Flow : SequenceStyle.Block));
                foreach (var item in list)
                {
                    Emit(emitter, item);
                }

                emitter.Emit(new SequenceEnd());
                break;
            case JsonValue value when value.GetValueKind() == JsonValueKind.String:
                EmitText(emitter, value.GetValue<string>());
                break;
            default:
                EmitScalar(emitter, node?.ToJsonString() ?? "null", ScalarStyle.Plain);
                break;
        }
    }

    /// <summary>Quoted whenever a reader might take it for something else, or a line break would change it.</summary>
    private static void EmitText(Emitter emitter, string text) =>
        EmitScalar(emitter, text, YamlToJson.IsPlainText(text) ? ScalarStyle.Any : ScalarStyle.DoubleQuoted);

    private static void EmitScalar(Emitter emitter, string text, ScalarStyle style) =>
        emitter.Emit(new Scalar(AnchorName.Empty, TagName.Empty, text, style, isPlainImplicit: true, isQuotedImplicit: true));
}
