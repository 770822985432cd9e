using System.Collections;
using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Postern.Policies.Expressions;

/// <summary>
/// Sequences that are worked out while they are read, put into each other by a loop, would be read by a recursion as deep as the loop was
/// long, or give elements without end. Compiled expressions read them through here; nobody else should.
/// </summary>
public static class ExpressionSequences
{
    /// <summary>Characters of a text made of many.</summary>
    private const int MaxText = 16 * 1024 * 1024;

    [return: NotNullIfNotNull(nameof(source))]
    public static IEnumerable<T>? Watch<T>(this IEnumerable<T>? source) => source is null or T[] or List<T> or Watched<T> ? source : new Watched<T>(source);

    [return: NotNullIfNotNull(nameof(source))]
    public static IEnumerable? Watch(this IEnumerable? source) => source is null or Array ? source : Elements(source);

    /// <summary>Before all elements become objects.</summary>
    [return: NotNullIfNotNull(nameof(source))]
    public static IEnumerable? Unboxed(this IEnumerable? source) => source is null or object?[]? source : Elements(source);

    /// <summary>An order within an order, which is kept as a chain.</summary>
    public static IOrderedEnumerable<T> Order<T>(this IOrderedEnumerable<T> source)
    {
        ExpressionBudget.Nest((source, 0));
        return source;
    }

    public static string Concat<T>(IEnumerable<T> parts) => Join("", parts);

    public static string Concat(object?[] parts) => Join("", parts);

    // An array of texts is both an array of objects and a sequence: without an overload of its own, as string has, C# can't choose.
    public static string Concat(string?[] parts) => Join("", parts);

    public static string Join<T>(char separator, IEnumerable<T> parts) => Join(separator.ToString(), parts);

    public static string Join(char separator, object?[] parts) => Join(separator.ToString(), parts);

    public static string Join(char separator, string?[] parts) => Join(separator.ToString(), parts);

    public static string Join(char separator, string?[] parts, int start, int count) => Join(separator.ToString(), parts, start, count);

    public static string Join(string? separator, object?[] parts) => Join(separator, (IEnumerable<object?>)parts);

    public static string Join(string? separator, string?[] parts) => Join(separator, (IEnumerable<string?>)parts);

    public static string Join(string? separator, string?[] parts, int start, int count) =>
        Join(separator, new ArraySegment<string?>(parts, start, count));

    public static string Join<T>(string? separator, IEnumerable<T> parts)
    {
        ArgumentNullException.ThrowIfNull(parts);
        var text = new StringBuilder();
        var first = true;
        foreach (var part in parts)
        {
            ExpressionBudget.Tick();
            if (!first)
            {
                text.Append(separator);
            }

            first = false;
            text.Append(part?.ToString());
            if (text.Length > MaxText)
            {
                throw new InvalidOperationException($"An expression may not make a text of more than {MaxText} characters.");
            }
        }

        return text.ToString();
    }

    private static IEnumerable<object?> Elements(IEnumerable source)
    {
        ExpressionBudget.Enter();
        foreach (var element in source)
        {
            ExpressionBudget.Enter();
            yield return ExpressionBudget.Box(element);
        }
    }

    private sealed class Watched<T>(IEnumerable<T> source) : IEnumerable<T>
    {
        public IEnumerator<T> GetEnumerator()
        {
            ExpressionBudget.Enter();
            return new Enumerator<T>(source.GetEnumerator());
        }

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
    }

    private sealed class Enumerator<T>(IEnumerator<T> source) : IEnumerator<T>
    {
        public T Current => source.Current;

        object? IEnumerator.Current => Current;

        public bool MoveNext()
        {
            ExpressionBudget.Enter();
            return source.MoveNext();
        }

        public void Reset() => source.Reset();

        public void Dispose()
        {
            if (!ExpressionBudget.IsOver)
            {
                source.Dispose();
            }
        }
    }
}
