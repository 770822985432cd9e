using System.Diagnostics;
using System.Runtime.CompilerServices;
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

    /// <summary>Bytes that one evaluation may allocate in all.</summary>
    internal const long MaxBytes = 256L * 1024 * 1024;

    /// <summary>Wall time of one evaluation. Generous, because a loaded machine must not fail honest expressions.</summary>
    internal static readonly TimeSpan MaxTime = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan RegexTime = TimeSpan.FromSeconds(1);

    [ThreadStatic]
    private static int s_ticks;

    [ThreadStatic]
    private static long s_bytesAtStart;

    [ThreadStatic]
    private static long s_started;

    internal static void Begin()
    {
        s_ticks = 0;
        s_bytesAtStart = GC.GetAllocatedBytesForCurrentThread();
        s_started = Stopwatch.GetTimestamp();
    }

    /// <exception cref="TimeoutException">The evaluation took too many turns, too long or too much memory.</exception>
    public static void Tick()
    {
        var ticks = ++s_ticks;
        if (ticks > MaxTicks)
        {
            throw new TimeoutException($"The expression took more than {MaxTicks} turns of loops and calls.");
        }

        if (GC.GetAllocatedBytesForCurrentThread() - s_bytesAtStart > MaxBytes)
        {
            s_ticks = MaxTicks;
            throw new TimeoutException($"The expression allocated more than {MaxBytes} bytes.");
        }

        if ((ticks & 0x3F) == 0 && Stopwatch.GetElapsedTime(s_started) > MaxTime)
        {
            s_ticks = MaxTicks;
            throw new TimeoutException($"The expression ran for more than {MaxTime.TotalSeconds} seconds.");
        }
    }

    /// <summary>At the start of a function: also makes sure that there is stack left.</summary>
    /// <exception cref="InsufficientExecutionStackException">Too deep a recursion.</exception>
    public static void Enter()
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        Tick();
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

    public static TimeSpan RegexTimeout => RegexTime;

    public static RegexOptions NoRegexOptions => RegexOptions.None;

    /// <summary>XML text that is about to be parsed; refused when it is nested too deeply.</summary>
    public static string Xml(string text)
    {
        MessageText.CheckDepth(text);
        return text;
    }

    /// <summary>A path may hold patterns, which may not run for ever.</summary>
    public static JToken? SelectToken(JToken token, string path, bool errorWhenNoMatch = false) =>
        token.SelectToken(path, new JsonSelectSettings { RegexMatchTimeout = RegexTime, ErrorWhenNoMatch = errorWhenNoMatch });

    public static IEnumerable<JToken> SelectTokens(JToken token, string path, bool errorWhenNoMatch = false) =>
        token.SelectTokens(path, new JsonSelectSettings { RegexMatchTimeout = RegexTime, ErrorWhenNoMatch = errorWhenNoMatch });

    /// <summary>Text made by replacing or joining must fit before it is made.</summary>
    public static string Replace(string text, string oldValue, string? newValue)
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
