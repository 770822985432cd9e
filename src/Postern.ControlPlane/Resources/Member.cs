using System.Text.Json.Nodes;

namespace Postern.ControlPlane.Resources;

internal enum MemberType
{
    Text,
    Flag,
    Number,
    Time,
    Object,
    List,
    Map,
    Any,
}

/// <summary>
/// What a kind says about one member of <c>properties</c>: enough to check it, to fill it in, to keep it secret and to document it.
/// Members that a kind does not declare are kept as they are, because clients write back what they read.
/// </summary>
internal sealed record Member(string Name, MemberType Type)
{
    public bool IsRequired { get; private init; }

    public bool IsReadOnly { get; private init; }

    /// <summary>Can't change once set.</summary>
    public bool IsImmutable { get; private init; }

    /// <summary>Encrypted in the store and in no answer but that of the action that lists it.</summary>
    public bool IsSecret { get; private init; }

    /// <summary>Encrypted in the store, but part of answers: clients read it and write it back.</summary>
    public bool IsSealed { get; private init; }

    /// <summary>Part of requests only; never stored.</summary>
    public bool IsInput { get; private init; }

    /// <summary>Characters, items or value.</summary>
    public double? Least { get; private init; }

    public double? Most { get; private init; }

    public string? Pattern { get; private init; }

    /// <summary>The known values, compared without regard to case; null when any will do.</summary>
    public IReadOnlyList<string>? Values { get; private init; }

    public Func<JsonNode>? Default { get; private init; }

    /// <summary>Members of an object, or the one member that describes the items of a list or map.</summary>
    public IReadOnlyList<Member> Members { get; private init; } = [];

    public static Member Text(string name, int least = 0, int most = int.MaxValue) => new(name, MemberType.Text) { Least = least, Most = most };

    public static Member OneOf(string name, params IReadOnlyList<string> values) => new(name, MemberType.Text) { Values = values };

    public static Member Flag(string name) => new(name, MemberType.Flag);

    public static Member Number(string name, double? least = null, double? most = null) => new(name, MemberType.Number) { Least = least, Most = most };

    public static Member Time(string name) => new(name, MemberType.Time);

    public static Member Any(string name) => new(name, MemberType.Any);

    public static Member Object(string name, params IReadOnlyList<Member> members) => new(name, MemberType.Object) { Members = members };

    public static Member List(string name, Member item, int least = 0, int most = int.MaxValue) =>
        new(name, MemberType.List) { Members = [item], Least = least, Most = most };

    public static Member Map(string name, Member value) => new(name, MemberType.Map) { Members = [value] };

    public Member Required() => this with { IsRequired = true };

    public Member ReadOnly() => this with { IsReadOnly = true };

    public Member Immutable() => this with { IsImmutable = true };

    public Member Secret() => this with { IsSecret = true };

    public Member Sealed() => this with { IsSealed = true };

    public Member Input() => this with { IsInput = true };

    public Member Matching(string pattern) => this with { Pattern = pattern };

    public Member Or(bool value) => this with { Default = () => JsonValue.Create(value) };

    public Member Or(string value) => this with { Default = () => JsonValue.Create(value) };

    public Member Or(Func<JsonNode> value) => this with { Default = value };
}
