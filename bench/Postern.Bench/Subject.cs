namespace Postern.Bench;

/// <summary>One thing whose cost is watched: prepared once, run over and over on one thread, never waiting.</summary>
public abstract class Subject
{
    /// <summary>As in <c>budgets.txt</c>.</summary>
    public abstract string Name { get; }

    public virtual void Prepare()
    {
    }

    public abstract void Run();

    public sealed override string ToString() => Name;

    /// <summary>Every subject of this program, found by type: a new file is all that a new one takes.</summary>
    public static IReadOnlyList<Subject> All { get; } =
        [.. typeof(Subject).Assembly.GetTypes()
            .Where(type => type.IsSubclassOf(typeof(Subject)) && !type.IsAbstract)
            .SelectMany(type => type.GetMethod("Variants") is { } variants ? (IEnumerable<Subject>)variants.Invoke(null, null)! : [(Subject)Activator.CreateInstance(type)!])
            .OrderBy(subject => subject.Name, StringComparer.Ordinal)];
}
