namespace Postern.Policies.Tests;

/// <summary>No named values, no fragments.</summary>
internal sealed class NoReferences : IPolicyReferences
{
    public static NoReferences Instance { get; } = new();

    public string? FindNamedValue(string name) => null;

    public PolicySource? FindFragment(string id) => null;
}
