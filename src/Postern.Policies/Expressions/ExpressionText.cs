using System.Text;
using Postern.Policies.Language;

namespace Postern.Policies.Expressions;

/// <summary>The C# text of one document: a class with one method per expression, and where each expression lies in it.</summary>
internal sealed class ExpressionText
{
    private const string Header = """
        using System;
        using System.Collections.Generic;
        using System.Globalization;
        using System.IO;
        using System.Linq;
        using System.Net;
        using System.Security.Cryptography;
        using System.Security.Cryptography.X509Certificates;
        using System.Text;
        using System.Text.RegularExpressions;
        using System.Xml;
        using System.Xml.Linq;
        using Newtonsoft.Json;
        using Newtonsoft.Json.Linq;
        using Postern.Policies.Expressions;
        using IApi = Postern.Policies.Runtime.IApi;
        using IDeployment = Postern.Policies.Runtime.IDeployment;
        using IGroup = Postern.Policies.Runtime.IGroup;
        using IOperation = Postern.Policies.Runtime.IOperation;
        using IProduct = Postern.Policies.Runtime.IProduct;
        using ISubscription = Postern.Policies.Runtime.ISubscription;
        using IUrl = Postern.Policies.Runtime.IUrl;
        using IUser = Postern.Policies.Runtime.IUser;
        using IUserIdentity = Postern.Policies.Runtime.IUserIdentity;
        using ProductState = Postern.Policies.Runtime.ProductState;

        public sealed class CompiledExpressions
        {

        """;

    private readonly int[] _starts;

    private ExpressionText(string text, int[] starts)
    {
        Text = text;
        _starts = starts;
    }

    public string Text { get; }

    public int StartOf(int index) => _starts[index];

    public static ExpressionText Write(IReadOnlyList<ExpressionSource> expressions)
    {
        var text = new StringBuilder(Header, Header.Length + expressions.Sum(expression => expression.Code.Length + 120));
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
