using Postern.Policies.Language;

namespace Postern.Policies.Reading;

/// <summary>A document as records. A section that is absent behaves as an empty one.</summary>
internal sealed class PolicyDocument
{
    private readonly IReadOnlyList<Policy>[] _sections = [[], [], [], []];

    public IReadOnlyList<Policy> this[Section section]
    {
        get => _sections[(int)section];
        set => _sections[(int)section] = value;
    }

    public List<ExpressionSource> Expressions { get; } = [];
}
