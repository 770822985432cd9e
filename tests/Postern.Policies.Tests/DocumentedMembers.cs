using System.Reflection;
using Postern.Policies.Expressions;

namespace Postern.Policies.Tests;

/// <summary>
/// The product's list of types and members against ours: what it documents is there and allowed, or <c>Corpus/documented-members.txt</c> says
/// why not. Overloads that reach out are refused one by one (<see cref="HostileExpressions"/>).
/// </summary>
public sealed class DocumentedMembers
{
    private static readonly string[] Lines =
        [.. File.ReadLines(Path.Combine(AppContext.BaseDirectory, "Corpus", "documented-members.txt")).Where(line => line.Length > 0 && line[0] != '#')];

    [Fact]
    public void Every_documented_member_is_allowed_or_listed_with_the_reason_why_not()
    {
        var listed = Lines.Where(line => line.StartsWith("- ", StringComparison.Ordinal)).Select(line => line.Split(' ', 3)).ToList();
        Assert.All(listed, parts => Assert.True(parts is [_, _, { Length: > 10 }], string.Join(' ', parts)));

        var refused = Lines.Where(line => !line.StartsWith("- ", StringComparison.Ordinal)).SelectMany(Refused).Distinct().ToList();

        Assert.All(refused, member => Assert.True(listed.Exists(parts => Matches(member, parts[1])), $"{member} is documented and refused."));
        Assert.All(listed, parts => Assert.True(refused.Exists(member => Matches(member, parts[1])), $"{parts[1]} is listed and not refused."));
    }

    private static bool Matches(string member, string pattern) => pattern[0] == '*' ? member.EndsWith(pattern[1..], StringComparison.Ordinal) : member == pattern;

    private static IEnumerable<string> Refused(string line)
    {
        var words = line.Split(' ');
        var type = Find(words[0]);
        Assert.True(type is not null, $"There is no type {words[0]}.");
        var there = MembersOf(type).ToHashSet(StringComparer.Ordinal);
        var documented = words[1] == "*" ? there.Except(words[2..].Select(word => word[1..])) : words[1..];
        return documented.Where(member => !there.Contains(member) || !IsAllowed(type, member)).Select(member => $"{words[0]}.{member}");
    }

    private static bool IsAllowed(Type type, string member)
    {
        if (ExpressionAllowList.Families.Contains(type.FullName!))
        {
            return true;
        }

        return ExpressionAllowList.Types.TryGetValue(type.FullName!, out var members)
            && (members is [] || (members[0].StartsWith('!') ? !members.Contains($"!{member}") : members.Contains(member)));
    }

    /// <summary>As C# names them; what only the compiler calls, and what is no method to be called, is left out.</summary>
    private static IEnumerable<string> MembersOf(Type type) => type
        .GetMembers(BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly)
        .Where(member => member is not MethodInfo { IsSpecialName: true } and not TypeInfo and not FieldInfo { IsSpecialName: true })
        .Select(member => member is PropertyInfo property && property.GetIndexParameters().Length > 0 ? "this[]" : member.Name);

    private static Type? Find(string name)
    {
        var names = name.Contains('.', StringComparison.Ordinal) ? [name] : (string[])[$"Postern.Policies.Expressions.{name}", $"Postern.Policies.Runtime.{name}"];
        return names.SelectMany(full => ExpressionReferences.Assemblies().Select(assembly => assembly.GetType(full))).FirstOrDefault(type => type is not null);
    }
}
