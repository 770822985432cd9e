using System.Collections;
using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.RegularExpressions;
using Newtonsoft.Json.Linq;

namespace Postern.Policies.Expressions;

/// <summary>
/// Bounds one evaluation of an expression that loops, recurses or allocates. Compiled expressions call these methods; nobody
/// else should. An evaluation runs on one thread from begin to end, so the account is per thread.
/// </summary>
public static class ExpressionBudget
{
    /// <summary>Turns of loops and calls of lambdas and local functions.</summary>
    internal const int MaxTicks = 5_000_000;

    /// <summary>Elements of one array, characters of one string made by length.</summary>
    internal const int MaxSize = 4 * 1024 * 1024;

    private const int MaxSought = 32 * 1024;

    private const int MaxSoughtItems = 256;

    /// <summary>Bytes that one evaluation may allocate in all.</summary>
    internal const long MaxBytes = 256L * 1024 * 1024;

    /// <summary>Wall time of one evaluation. Generous, because a loaded machine must not fail honest expressions.</summary>
    internal static readonly TimeSpan MaxTime = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan RegexTime = TimeSpan.FromSeconds(1);

    /// <summary>Stack that the functions of one expression may take; what is left is for unwinding and for the framework.</summary>
    private const int MaxStack = 512 * 1024;

    /// <summary>Values in values that may print themselves by recursion: objects without names, tuples, exceptions.</summary>
    private const int MaxNested = 256;

    [ThreadStatic]
    private static int s_ticks;

    [ThreadStatic]
    private static int s_nested;

    [ThreadStatic]
    private static long s_parts;

    [ThreadStatic]
    private static bool s_isOver;

    [ThreadStatic]
    private static nint s_stackAtStart;

    [ThreadStatic]
    private static long s_bytesAtStart;

    [ThreadStatic]
    private static long s_started;

    /// <summary>Costs next to nothing; what is measured is read at the first tick.</summary>
    internal static void Begin()
    {
        s_ticks = 0;
        s_isOver = false;
    }

    /// <exception cref="TimeoutException">The evaluation took too many turns, too long or too much memory.</exception>
    public static void Tick()
    {
        if (s_isOver)
        {
            throw new TimeoutException("The expression has used up its budget.");
        }

        var ticks = ++s_ticks;
        if (ticks == 1)
        {
            s_nested = 0;
            s_parts = 0;
            s_stackAtStart = StackPointer();
            s_bytesAtStart = GC.GetAllocatedBytesForCurrentThread();
            s_started = Stopwatch.GetTimestamp();
        }
        else if (ticks > MaxTicks)
        {
            s_isOver = true;
            throw new TimeoutException($"The expression took more than {MaxTicks} turns of loops and calls.");
        }
        else if (GC.GetAllocatedBytesForCurrentThread() - s_bytesAtStart > MaxBytes)
        {
            s_isOver = true;
            throw new TimeoutException($"The expression allocated more than {MaxBytes} bytes.");
        }
        else if (Stopwatch.GetElapsedTime(s_started) > MaxTime)
        {
            s_isOver = true;
            throw new TimeoutException($"The expression ran for more than {MaxTime.TotalSeconds} seconds.");
        }
    }

    /// <summary>At the start of a function: also makes sure that there is stack left.</summary>
    /// <exception cref="InsufficientExecutionStackException">Too deep a recursion.</exception>
    public static void Enter()
    {
        Tick();
        if (s_stackAtStart - StackPointer() > MaxStack || !RuntimeHelpers.TryEnsureSufficientExecutionStack())
        {
            s_isOver = true;
            throw new InsufficientExecutionStackException("The expression calls itself too deeply.");
        }
    }

    /// <summary>
    /// What is over stays over: no handler of the expression runs any more. Handlers run on top of the stack that they handle, so a recursion
    /// that catches its own end would break through it.
    /// </summary>
    public static bool IsOver => s_isOver;

    private static unsafe nint StackPointer()
    {
        byte here;
        return (nint)(&here);
    }

    /// <summary>A part of a value that prints itself by recursion.</summary>
    /// <exception cref="InvalidOperationException">More such values than anybody nests.</exception>
    public static T Nest<T>(T part)
    {
        if (IsNested(part))
        {
            CountNested();
        }

        return part;
    }

    /// <summary>A pair that becomes an object. Only one that holds another counts: a dictionary may have many.</summary>
    /// <exception cref="InvalidOperationException">More such values than anybody nests.</exception>
    public static T Box<T>(T value)
    {
        if (value is ITuple tuple)
        {
            for (var i = 0; i < tuple.Length; i++)
            {
                Nest(tuple[i]);
            }
        }
        else if (value?.GetType() is { IsGenericType: true } type && type.GetGenericTypeDefinition() == typeof(KeyValuePair<,>))
        {
            Nest(type.GetProperty("Key")!.GetValue(value));
            Nest(type.GetProperty("Value")!.GetValue(value));
        }

        return value;
    }

    private static bool IsNested(object? part) => part is ITuple or Exception or Delegate
        || (part?.GetType() is { IsGenericType: true } type && (type.Name.StartsWith('<')
            || type.Name is "KeyValuePair`2" or "Collection`1" or "ReadOnlyCollection`1"));

    private static void CountNested()
    {
        Tick();
        if (++s_nested > MaxNested)
        {
            throw new InvalidOperationException($"The expression nests more than {MaxNested} values in each other.");
        }
    }

    /// <summary>
    /// A part of a longer text or a larger collection. What the parts hold is added up before the whole is made, because without a loop
    /// nothing else would ask.
    /// </summary>
    /// <exception cref="TimeoutException">All parts together are more than an expression may allocate.</exception>
    public static T Part<T>(T part)
    {
        Tick();
        s_parts += part switch
        {
            string text => text.Length * sizeof(char),
            ICollection many => many.Count * (long)nint.Size,
            StringBuilder text => text.Length * sizeof(char),
            Delegate many => many.HasSingleTarget ? 0 : many.GetInvocationList().Length * (long)nint.Size,
            _ => 0,
        };
        if (s_parts > MaxBytes)
        {
            s_isOver = true;
            throw new TimeoutException($"The expression allocated more than {MaxBytes} bytes.");
        }

        return part;
    }

    public static T Pass<T>(T value)
    {
        Tick();
        return value;
    }

    public static int Size(int size) => size <= MaxSize
        ? size
        : throw new InvalidOperationException($"An expression may not make anything of {size} elements; {MaxSize} is the most.");

    public static long Size(long size) => size <= MaxSize ? size : Size(int.MaxValue);

    /// <summary>What a text is searched for, or split or trimmed by: each of its places may be compared with all of it.</summary>
    public static T Sought<T>(T sought)
    {
        var length = sought switch { string text => text.Length, Array many => many.Length, _ => 0 };
        return length <= (sought is Array ? MaxSoughtItems : MaxSought)
            ? sought
            : throw new InvalidOperationException($"An expression may not search for a text of more than {MaxSought} characters or for more than {MaxSoughtItems} at once.");
    }

    /// <summary>One side of an array of several dimensions.</summary>
    public static int Side(int size, int rank) => Math.Pow(Math.Max(size, 0), rank) <= MaxSize ? size : Size(int.MaxValue);

    /// <summary>A format says how many digits to write: <c>D900000000</c>.</summary>
    public static string? Format(string? format)
    {
        for (int i = 0, digits = 0; i < format?.Length; i++)
        {
            digits = char.IsAsciiDigit(format[i]) ? digits + 1 : 0;
            if (digits > 3 && i - digits >= 0 && (char.IsAsciiLetter(format[i - digits]) || format[i - digits] is ',' or '-'))
            {
                throw new InvalidOperationException("A format may not ask for more than 999 digits.");
            }
        }

        return format;
    }

    public static TimeSpan RegexTimeout => RegexTime;

    /// <summary>What stands for <paramref name="replacement"/> where a pattern replaces; all of it together is a part like any other.</summary>
    public static MatchEvaluator Replacement(string replacement)
    {
        ArgumentNullException.ThrowIfNull(replacement);
        var isPlain = !replacement.Contains('$', StringComparison.Ordinal);
        return match => Part(isPlain ? replacement : match.Result(replacement));
    }

    public static RegexOptions NoRegexOptions => RegexOptions.None;

    /// <summary>XML text that is about to be parsed; refused when it is nested too deeply.</summary>
    public static string Xml(string text)
    {
        MessageText.CheckDepth(text);
        return text;
    }

    /// <summary>A path may hold patterns, which may not run for ever.</summary>
    public static JToken? FindToken(this JToken token, string path, bool errorWhenNoMatch = false) =>
        token.SelectToken(path, new JsonSelectSettings { RegexMatchTimeout = RegexTime, ErrorWhenNoMatch = errorWhenNoMatch });

    public static IEnumerable<JToken> FindTokens(this JToken token, string path, bool errorWhenNoMatch = false) =>
        token.SelectTokens(path, new JsonSelectSettings { RegexMatchTimeout = RegexTime, ErrorWhenNoMatch = errorWhenNoMatch });

    /// <summary>Text made by replacing or joining must fit before it is made.</summary>
    public static string ReplaceText(this string text, string oldValue, string? newValue)
    {
        if (newValue is { Length: > 0 } && oldValue is { Length: > 0 } && (long)text.Length / oldValue.Length * newValue.Length > MaxSize * 4L)
        {
            var count = 0L;
            for (var at = text.IndexOf(oldValue, StringComparison.Ordinal); at >= 0; at = text.IndexOf(oldValue, at + oldValue.Length, StringComparison.Ordinal))
            {
                count++;
            }

            if (text.Length + (count * (newValue.Length - oldValue.Length)) > MaxSize * 4L)
            {
                Size(int.MaxValue);
            }
        }

        return text.Replace(oldValue, newValue, StringComparison.Ordinal);
    }
}
