using System.Text;

namespace Postern.Policies.Liquid;

/// <summary>
/// A Liquid template, read once. Has no way to files, includes or types: it sees the values it is given and nothing else. A render is
/// bounded by turns of loops and by the length of its output.
/// </summary>
internal sealed class LiquidTemplate
{
    private readonly LiquidBlock _root;

    private LiquidTemplate(LiquidBlock root) => _root = root;

    /// <exception cref="LiquidException">The text is not a template.</exception>
    public static LiquidTemplate Parse(string text) => new(LiquidParser.Parse(text));

    /// <exception cref="LiquidException">The template takes too long or makes too much.</exception>
    public string Render(IReadOnlyDictionary<string, object?> roots)
    {
        var scope = new LiquidScope(roots);
        _root.Render(scope);
        return scope.Output.ToString();
    }
}

/// <summary>Variables and output of one render.</summary>
internal sealed class LiquidScope(IReadOnlyDictionary<string, object?> roots)
{
    private const int MaxOutput = 32 * 1024 * 1024;
    private const int MaxTurns = 1_000_000;

    private readonly Dictionary<string, object?> _assigned = new(StringComparer.OrdinalIgnoreCase);
    private int _turns;

    public StringBuilder Output { get; private set; } = new();

    /// <summary>Set by break and continue until the loop sees it.</summary>
    public LiquidJump Jump { get; set; }

    public object? this[string name]
    {
        get => _assigned.TryGetValue(name, out var value) || roots.TryGetValue(name, out value) ? value : null;
        set => _assigned[name] = value;
    }

    public void Write(string text)
    {
        if (Output.Length + text.Length > MaxOutput)
        {
            throw new LiquidException("The template's output is too long.");
        }

        Output.Append(text);
    }

    public void Turn()
    {
        if (++_turns > MaxTurns)
        {
            throw new LiquidException("The template's loops take too many turns.");
        }

        System.Runtime.CompilerServices.RuntimeHelpers.EnsureSufficientExecutionStack();
    }

    /// <summary>What <paramref name="render"/> writes, instead of writing it.</summary>
    public string Capture(Action render)
    {
        var outer = Output;
        Output = new StringBuilder();
        render();
        var text = Output.ToString();
        Output = outer;
        return text;
    }
}

internal enum LiquidJump : byte
{
    None,
    Break,
    Continue,
}
