using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Xml.Linq;

namespace Postern.Policies.BuiltIn;

/// <summary>
/// Bounds one transformation. The XSLT engine has no limit of its own and a template that calls itself would end the process, so
/// every template and loop of a stylesheet asks this object first.
/// </summary>
public sealed class XsltGuard
{
    internal const string Namespace = "urn:postern:xslt-guard";

    private const int MaxTurns = 5_000_000;

    private static readonly TimeSpan MaxTime = TimeSpan.FromSeconds(5);
    private static readonly XNamespace Xsl = "http://www.w3.org/1999/XSL/Transform";

    private readonly long _started = Stopwatch.GetTimestamp();
    private int _turns;

    /// <exception cref="InsufficientExecutionStackException">Too deep a recursion.</exception>
    /// <exception cref="TimeoutException">Too many turns, or too long.</exception>
    public bool Enter()
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        if (++_turns > MaxTurns || ((_turns & 0xFF) == 0 && Stopwatch.GetElapsedTime(_started) > MaxTime))
        {
            throw new TimeoutException("The transformation took too long.");
        }

        return false;
    }

    /// <summary>Puts a question to the guard at the start of every template and loop.</summary>
    internal static void PutInto(XDocument stylesheet)
    {
        foreach (var element in stylesheet.Descendants().Where(element => element.Name == Xsl + "template" || element.Name == Xsl + "for-each").ToList())
        {
            var question = new XElement(
                Xsl + "if",
                new XAttribute(XNamespace.Xmlns + "postern-guard", Namespace),
                new XAttribute("test", "postern-guard:Enter()"),
                new XElement(Xsl + "comment"));
            var last = element.Elements().TakeWhile(child => child.Name == Xsl + "param" || child.Name == Xsl + "sort").LastOrDefault();
            if (last is null)
            {
                element.AddFirst(question);
            }
            else
            {
                last.AddAfterSelf(question);
            }
        }
    }
}
