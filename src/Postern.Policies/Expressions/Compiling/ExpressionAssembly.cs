using System.Reflection;

namespace Postern.Policies.Expressions;

/// <summary>Brings emitted code into the process, in a context of its own that can be unloaded.</summary>
internal static class ExpressionAssembly
{
    /// <summary>Sets the delegates of all expressions.</summary>
    public static void Load(MemoryStream image, IReadOnlyList<ExpressionUnit> units)
    {
        var context = new ExpressionLoadContext(image.Length);
        image.Position = 0;
        var assembly = context.LoadFromStream(image);
        foreach (var unit in units)
        {
            var type = assembly.GetType(unit.ClassName, throwOnError: true)!;
            var instance = Activator.CreateInstance(type)!;
            for (var i = 0; i < unit.Expressions.Count; i++)
            {
                var method = type.GetMethod($"E{i}", BindingFlags.Public | BindingFlags.Instance)!;
                unit.Expressions[i].Delegate = method.CreateDelegate(typeof(Func<,>).MakeGenericType(typeof(IContext), method.ReturnType), instance);
            }
        }
    }
}
