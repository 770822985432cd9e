using System.Globalization;
using System.Text;

namespace Postern.Policies.Expressions;

/// <summary>Writes the list of allowed types of docs/policies/expressions.md from the allow-list.</summary>
internal static class ExpressionPage
{
    public static string Types()
    {
        var page = new StringBuilder("| Type | Members |\n| --- | --- |\n");
        foreach (var (name, members) in ExpressionAllowList.Types.OrderBy(type => type.Key, StringComparer.Ordinal))
        {
            var text = members.Length == 0 ? "all"
                : members[0][0] == '!' ? $"all but {string.Join(", ", members.Select(member => $"`{member[1..]}`"))}"
                : string.Join(", ", members.Select(member => member == ".ctor" ? "constructors" : $"`{member}`"));
            page.Append(CultureInfo.InvariantCulture, $"| `{name}` | {text} |\n");
        }

        return page.ToString();
    }
}
