using Postern.Hosting;

namespace Postern.Up;

/// <summary>
/// <c>connection.env</c>: what people, tools and tests need to reach a running system. Plain <c>NAME=value</c> lines, so that a shell's
/// <c>source</c>, Docker's <c>--env-file</c> and a five-line parser all read it.
/// </summary>
internal static class ConnectionFile
{
    /// <exception cref="InvalidOperationException">A value that a shell would not read as it stands, such as a path with a blank.</exception>
    public static void Write(UpFolder folder, IReadOnlyDictionary<string, string> values)
    {
        foreach (var (name, value) in values)
        {
            if (value.AsSpan().IndexOfAnyExcept(Plain) >= 0)
            {
                throw new InvalidOperationException($"{name} would be '{value}', which a shell can't read unquoted: use a data folder without such characters (--data).");
            }
        }

        PrivateFile.Write(folder.Connection, string.Concat(values.Select(pair => $"{pair.Key}={pair.Value}\n")));
    }

    private static readonly System.Buffers.SearchValues<char> Plain =
        System.Buffers.SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~:/@%+=,");
}
