namespace Postern.Policies.Testing;

/// <summary>
/// A test of policies as a text file: blocks that begin with a line <c>--- name</c>. The format is described in docs/policy-cases.md.
/// </summary>
public sealed class PolicyCase
{
    private PolicyCase(string path, string title, IReadOnlyList<CaseBlock> blocks)
    {
        Path = path;
        Title = title;
        Blocks = blocks;
    }

    public string Path { get; }

    /// <summary>What stands before the first block.</summary>
    public string Title { get; }

    internal IReadOnlyList<CaseBlock> Blocks { get; }

    internal PolicyCase With(IReadOnlyList<CaseBlock> blocks) => new(Path, Title, blocks);

    /// <exception cref="IOException">The file can't be read.</exception>
    public static PolicyCase Load(string path) => Parse(path, File.ReadAllText(path));

    public static PolicyCase Parse(string path, string text)
    {
        var title = new List<string>();
        var blocks = new List<CaseBlock>();
        var line = 0;
        foreach (var raw in text.ReplaceLineEndings("\n").Split('\n'))
        {
            line++;
            if (raw.StartsWith("--- ", StringComparison.Ordinal))
            {
                blocks.Add(new CaseBlock(raw[4..].Trim(), line, []));
            }
            else if (blocks.Count == 0)
            {
                title.Add(raw.TrimStart('#', ' '));
            }
            else
            {
                blocks[^1].Lines.Add(raw);
            }
        }

        return new(path, string.Join(' ', title).Trim(), blocks);
    }
}

/// <param name="Head">The words after the dashes.</param>
/// <param name="Line">Line of the head, from 1.</param>
internal sealed record CaseBlock(string Head, int Line, List<string> Lines)
{
    public string Kind => Head.Split(' ')[0];

    public string Argument => Head.Contains(' ', StringComparison.Ordinal) ? Head[(Head.IndexOf(' ', StringComparison.Ordinal) + 1)..].Trim() : "";

    public string Text => string.Join('\n', Lines).TrimEnd('\n');

    /// <summary>Lines <c>name = value</c>; blank lines and lines that begin with # are left out.</summary>
    public IEnumerable<(string Name, string Value)> Pairs => Lines
        .Where(line => line.Trim().Length > 0 && !line.StartsWith('#'))
        .Select(line => line.Split('=', 2))
        .Select(parts => (parts[0].Trim(), parts.Length > 1 ? parts[1].Trim() : ""));
}
