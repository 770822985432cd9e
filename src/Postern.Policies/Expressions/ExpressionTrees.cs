using System.Collections;
using System.Globalization;
using System.Text;
using System.Xml.Linq;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;

namespace Postern.Policies.Expressions;

/// <summary>
/// Trees of JSON and XML are copied, compared and printed by recursion in their libraries. What an expression builds in a loop must not get
/// deeper than that bears. Compiled expressions call these methods; nobody else should.
/// </summary>
public static class ExpressionTrees
{
    /// <summary>Levels of elements, arrays and objects.</summary>
    internal const int MaxDepth = 512;

    /// <summary>Characters of JSON made of an object.</summary>
    private const int MaxText = 16 * 1024 * 1024;

    /// <summary>What something is put into.</summary>
    public static T Container<T>(this T container)
    {
        var depth = 0;
        for (var token = container as JToken; token?.Parent is { } parent; token = parent)
        {
            Check(++depth);
        }

        for (var node = container as XObject; node?.Parent is { } parent; node = parent)
        {
            Check(++depth);
        }

        return container;
    }

    /// <summary>What is put into something. A sequence that is worked out while it is read is read here.</summary>
    public static object? Content(object? content) => Content(content, 1);

    /// <summary>The same where the place wants a type of its own.</summary>
    public static T Token<T>(T content)
    {
        Measure(content, 1);
        return content;
    }

    private static object? Content(object? content, int depth)
    {
        if (content is not IEnumerable sequence || content is string or JToken or XObject or Array or IDictionary)
        {
            Measure(content, depth);
            return content;
        }

        Check(depth);
        var read = new List<object?>();
        foreach (var item in sequence)
        {
            ExpressionBudget.Tick();
            read.Add(Content(item, depth + 1));
        }

        return read;
    }

    public static string SerializeObject(object? value, Formatting formatting = Formatting.None)
    {
        var text = new BoundedWriter();
        using var writer = new BoundedJson(text) { Formatting = formatting };
        JsonSerializer.CreateDefault().Serialize(writer, value);
        return text.ToString();
    }

    /// <summary>An object about to be read by the serializer.</summary>
    public static T Graph<T>(T value)
    {
        if (value is not (null or string or JToken))
        {
            SerializeObject(value);
        }

        return value;
    }

    /// <summary>XML text that is about to be read.</summary>
    public static TextReader Text(TextReader source)
    {
        var text = new StringBuilder();
        var part = new char[4096];
        for (int read; (read = source.Read(part, 0, part.Length)) > 0;)
        {
            ExpressionBudget.Tick();
            text.Append(part, 0, read);
        }

        return new StringReader(ExpressionBudget.Xml(text.ToString()));
    }

    private static void Measure(object? content, int depth)
    {
        switch (content)
        {
            case KeyValuePair<string, JToken?> pair:
                Measure(pair.Value, depth);
                break;
            case object?[] items:
                Check(depth);
                foreach (var item in items)
                {
                    ExpressionBudget.Tick();
                    Measure(item, depth + 1);
                }

                break;
            case JContainer container:
                Height(container, static item => item.Children<JToken>().OfType<JContainer>());
                break;
            case XContainer container:
                Height(container, static item => item.Nodes().OfType<XContainer>());
                break;
        }
    }

    private static void Height<T>(T root, Func<T, IEnumerable<T>> children)
    {
        var open = new Stack<(T Node, int Depth)>();
        open.Push((root, 1));
        while (open.TryPop(out var next))
        {
            Check(next.Depth);
            foreach (var child in children(next.Node))
            {
                ExpressionBudget.Tick();
                open.Push((child, next.Depth + 1));
            }
        }
    }

    private static void Check(int depth)
    {
        if (depth > MaxDepth)
        {
            throw new InvalidOperationException($"An expression may not build more than {MaxDepth} levels.");
        }
    }

    private sealed class BoundedJson(TextWriter text) : JsonTextWriter(text)
    {
        public override void WriteStartObject()
        {
            ExpressionBudget.Enter();
            Check(Top + 1);
            base.WriteStartObject();
        }

        public override void WriteStartArray()
        {
            ExpressionBudget.Enter();
            Check(Top + 1);
            base.WriteStartArray();
        }
    }

    private sealed class BoundedWriter() : StringWriter(CultureInfo.InvariantCulture)
    {
        public override void Write(char value)
        {
            Check(1);
            base.Write(value);
        }

        public override void Write(string? value)
        {
            Check(value?.Length ?? 0);
            base.Write(value);
        }

        public override void Write(char[] buffer, int index, int count)
        {
            Check(count);
            base.Write(buffer, index, count);
        }

        private void Check(int more)
        {
            if (GetStringBuilder().Length + more > MaxText)
            {
                throw new InvalidOperationException($"An expression may not make a text of more than {MaxText} characters.");
            }
        }
    }
}
