namespace Postern.Policies.Reading;

/// <summary>Collects all problems of one document, in the order of their places.</summary>
internal sealed class PolicyProblems
{
    /// <summary>More than this many would help nobody.</summary>
    private const int Most = 100;

    private readonly List<PolicyDiagnostic> _items = [];

    public bool Any => Count > 0;

    /// <summary>All problems, also those beyond the ones kept.</summary>
    public int Count { get; private set; }

    /// <summary>Further problems are counted, not kept.</summary>
    public bool IsFull => _items.Count >= Most;

    public void Skip() => Count++;

    /// <param name="at">The innermost element that is concerned; null before there is one.</param>
    public void Add(SourceText source, int offset, string id, string element, string message, PolicyElement? at = null)
    {
        if (IsFull)
        {
            Skip();
            return;
        }

        var (line, column) = source.PlaceOf(offset);
        Add(new PolicyDiagnostic(id, message, line, column, element, PolicyPath.WithSection(at)));
    }

    public void Add(PolicyDiagnostic diagnostic)
    {
        Count++;
        if (_items.Count < Most && !_items.Contains(diagnostic))
        {
            _items.Add(diagnostic);
        }
    }

    public void AddAll(PolicyProblems others) => others._items.ForEach(Add);

    public IReadOnlyList<PolicyDiagnostic> ToList() => [.. _items.OrderBy(item => item.Line).ThenBy(item => item.Column)];
}
