using System.Text;

namespace Postern.Gateway.Caching.Redis;

/// <param name="Bytes">Of a status, error or value; null for none.</param>
/// <param name="Number">Of an integer reply.</param>
internal readonly record struct RespReply(RespKind Kind, byte[]? Bytes = null, long Number = 0)
{
    private const int MostShown = 200;

    /// <summary>The server's words, fit for logs.</summary>
    public string Text
    {
        get
        {
            var text = Encoding.ASCII.GetString(Bytes.AsSpan(0, Math.Min(Bytes?.Length ?? 0, MostShown)));
            return new([.. text.Select(c => char.IsControl(c) ? ' ' : c)]);
        }
    }

    public bool IsOk => Kind == RespKind.Status;
}

internal enum RespKind : byte
{
    /// <summary>The connection ended before an answer came.</summary>
    Lost,
    Status,
    Error,
    Integer,
    Value,
    Nothing,
}
