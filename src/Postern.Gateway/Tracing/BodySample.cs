using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace Postern.Gateway.Tracing;

/// <summary>The beginning of a body that passes by, as far as a trace shows it. The body still streams.</summary>
internal sealed class BodySample
{
    /// <summary>Bytes: as many as the product's diagnostics show at most.</summary>
    public const int Most = 8192;

    private readonly byte[] _bytes = new byte[Most];
    private int _kept;
    private long _length;

    public void Add(ReadOnlySpan<byte> piece)
    {
        var room = Math.Min(piece.Length, Most - _kept);
        piece[..room].CopyTo(_bytes.AsSpan(_kept));
        _kept += room;
        _length += piece.Length;
    }

    /// <returns>Null when there was none.</returns>
    /// <param name="headers">Of the message: they tell whether the body is text.</param>
    public JsonObject? ToJson(IHeaderDictionary headers)
    {
        if (_length == 0)
        {
            return null;
        }

        var shown = new JsonObject { ["bytes"] = _length };
        if (IsText(headers))
        {
            shown["text"] = Encoding.UTF8.GetString(_bytes, 0, _kept);
            shown["truncated"] = _length > _kept;
        }

        return shown;
    }

    private static bool IsText(IHeaderDictionary headers)
    {
        if (headers.ContentEncoding.Count > 0 && headers.ContentEncoding != "identity")
        {
            return false;
        }

        var type = headers.ContentType.ToString();
        return type.StartsWith("text/", StringComparison.OrdinalIgnoreCase)
            || TextMarks.Any(mark => type.Contains(mark, StringComparison.OrdinalIgnoreCase));
    }

    private static readonly string[] TextMarks = ["json", "xml", "x-www-form-urlencoded", "javascript", "graphql", "yaml"];
}
