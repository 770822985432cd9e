namespace Postern.Portal.Policies;

/// <summary>A piece of a policy document that is shown in one colour; never contains a line break.</summary>
/// <param name="Kind">The style it is shown in.</param>
public sealed record PolicyToken(PolicyTokenKind Kind, string Text);

public enum PolicyTokenKind
{
    Text,
    Element,
    Attribute,
    Value,
    Comment,
    Expression,
}
