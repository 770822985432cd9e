namespace Postern.Policies.Testing;

/// <summary>A request or response in a case file: a first line, headers, a blank line, a body.</summary>
/// <param name="Absent">Headers written as <c>!Name</c>: they must not be there.</param>
/// <param name="Body">Null when the block has no blank line: then nothing is said about the body.</param>
internal sealed record CaseMessage(
    string FirstLine, IReadOnlyList<(string Name, string Value)> Headers, IReadOnlyList<string> Absent, string? Body)
{
    public static CaseMessage Read(CaseBlock block)
    {
        var headers = new List<(string, string)>();
        var absent = new List<string>();
        var i = 0;
        while (i < block.Lines.Count && block.Lines[i].Trim().Length == 0)
        {
            i++;
        }

        var first = i < block.Lines.Count ? block.Lines[i++].Trim() : "";
        for (; i < block.Lines.Count && block.Lines[i].Trim().Length > 0; i++)
        {
            var line = block.Lines[i];
            if (line.StartsWith('!'))
            {
                absent.Add(line[1..].Trim());
            }
            else
            {
                var parts = line.Split(':', 2);
                headers.Add((parts[0].Trim(), parts.Length > 1 ? parts[1].Trim() : ""));
            }
        }

        var body = i < block.Lines.Count ? string.Join('\n', block.Lines.Skip(i + 1)).TrimEnd('\n') : null;
        return new(first, headers, absent, body is { Length: 0 } && block.Lines.Count - i <= 2 && block.Lines.Skip(i).All(line => line.Length == 0) ? null : body);
    }
}
