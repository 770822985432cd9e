using System.Security.Cryptography;
using System.Text;

namespace Postern.Up;

/// <summary>Role definitions and assignments are named by GUIDs of the caller: the same things get the same name at every start.</summary>
internal static class StableGuid
{
    public static Guid Of(params ReadOnlySpan<string> parts) =>
        new(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', parts))).AsSpan(0, 16));
}
