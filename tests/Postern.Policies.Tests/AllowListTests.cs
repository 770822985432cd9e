using System.Reflection;
using System.Runtime.CompilerServices;
using Postern.Policies.Expressions;

namespace Postern.Policies.Tests;

public sealed class AllowListTests
{
    /// <summary>The rules rely on it: a conversion to <c>dynamic</c> is not looked for where a name tells the type.</summary>
    [Fact]
    public void No_allowed_member_takes_or_gives_dynamic()
    {
        const BindingFlags All = BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static;
        var types = ExpressionReferences.Assemblies().SelectMany(assembly => assembly.GetExportedTypes())
            .Where(type => ExpressionAllowList.Types.ContainsKey(type.FullName!)).ToList();
        Assert.True(types.Count > 150, $"only {types.Count} types");

        var dynamic = types.SelectMany(type =>
            type.GetMethods(All).SelectMany(method => method.GetParameters().Append(method.ReturnParameter))
                .Concat(type.GetConstructors(All).SelectMany(constructor => constructor.GetParameters()))
                .Where(parameter => parameter.IsDefined(typeof(DynamicAttribute), inherit: false))
                .Select(parameter => $"{type.FullName}.{parameter.Member.Name}")
            .Concat(type.GetFields(All).Where(field => field.IsDefined(typeof(DynamicAttribute), inherit: false)).Select(field => $"{type.FullName}.{field.Name}")));

        Assert.Empty(dynamic);
    }
}
