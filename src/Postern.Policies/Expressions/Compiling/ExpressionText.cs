using System.Text;
using Postern.Policies.Language;

namespace Postern.Policies.Expressions;

/// <summary>The C# text of one document: a class with one method per expression, and where each expression lies in it.</summary>
internal sealed class ExpressionText
{
    /// <summary>What every expression may name without its namespace. A file of its own, so that a compilation works it out once for all documents.</summary>
    public const string Usings = """
        global using System;
        global using System.Collections.Generic;
        global using System.Globalization;
        global using System.IO;
        global using System.Linq;
        global using System.Net;
        global using System.Security.Cryptography;
        global using System.Security.Cryptography.X509Certificates;
        global using System.Text;
        global using System.Text.RegularExpressions;
        global using System.Xml;
        global using System.Xml.Linq;
        global using Newtonsoft.Json;
        global using Newtonsoft.Json.Linq;
        global using Postern.Policies.Expressions;
        global using IApi = Postern.Policies.Runtime.IApi;
        global using IDeployment = Postern.Policies.Runtime.IDeployment;
        global using IGroup = Postern.Policies.Runtime.IGroup;
        global using IOperation = Postern.Policies.Runtime.IOperation;
        global using IProduct = Postern.Policies.Runtime.IProduct;
        global using ISubscription = Postern.Policies.Runtime.ISubscription;
        global using IUrl = Postern.Policies.Runtime.IUrl;
        global using IUser = Postern.Policies.Runtime.IUser;
        global using IUserIdentity = Postern.Policies.Runtime.IUserIdentity;
        global using ProductState = Postern.Policies.Runtime.ProductState;
        """;

    private readonly int[] _starts;

    private ExpressionText(string text, int[] starts)
    {
        Text = text;
        _starts = starts;
    }

    public string Text { get; }

    public int StartOf(int index) => _starts[index];

    /// <summary>The expression that a place of the text belongs to; -1 when it stands before all.</summary>
    public int IndexOf(int position)
    {
        var index = -1;
        for (var i = 0; i < _starts.Length && _starts[i] <= position; i++)
        {
            index = i;
        }

        // "Not all code paths return a value" is reported at the method's name, which stands before its expression.
        return index >= 0 && index + 1 < _starts.Length && position > _starts[index] + 1 && IsInHeadOf(index + 1, position) ? index + 1 : index;
    }

    private bool IsInHeadOf(int next, int position) =>
        _starts[next] - position is > 0 and < 60
        && Text.LastIndexOf("\npublic ", _starts[next], StringComparison.Ordinal) is var head && head >= 0 && position >= head;

    /// <param name="className">Unique in a compilation.</param>
    public static ExpressionText Write(IReadOnlyList<ExpressionSource> expressions, string className)
    {
        var text = new StringBuilder(expressions.Sum(expression => expression.Code.Length + 120)).Append("public sealed class ").Append(className).Append("\n{\n");
        var starts = new int[expressions.Count];
        for (var i = 0; i < starts.Length; i++)
        {
            var expression = expressions[i];
            text.Append("public ").Append(expression.Untyped ? "object" : expression.Target.FullName).Append(" E").Append(i).Append("(IContext context) ");
            if (!expression.IsBlock)
            {
                text.Append("{ return (");
            }

            starts[i] = text.Length;
            text.Append(expression.Code).Append(expression.IsBlock ? "\n" : "\n); }\n");
        }

        text.Append('}');
        return new(text.ToString(), starts);
    }
}
