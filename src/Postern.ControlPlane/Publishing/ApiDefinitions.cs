using Postern.Snapshots;

namespace Postern.ControlPlane.Publishing;

/// <summary>
/// Keeps definitions in the model for those APIs whose policies ask for them, and for no others: definitions are most of what a service
/// holds, and most gateways need none of it.
/// </summary>
internal static class ApiDefinitions
{
    /// <param name="changed">Row names of APIs to read anew.</param>
    /// <returns>True when the model changed.</returns>
    public static async ValueTask<bool> UpdateAsync(ServiceModel model, IRows rows, IReadOnlySet<string> changed, CancellationToken cancellation)
    {
        var needed = Needed(model);
        var stale = model.Definitions
            .Where(pair => changed.Contains(pair.Key) || !needed.TryGetValue(pair.Key, out var use) || use != pair.Value.Use)
            .Select(pair => pair.Key).ToList();
        stale.ForEach(name => model.Definitions.Remove(name));
        var any = stale.Count > 0;
        foreach (var (name, use) in needed)
        {
            if (!model.Definitions.ContainsKey(name) && model.Apis.Find(name) is { } api)
            {
                any = true;
                model.Definitions[name] = new(use, await ApiDefinitionReader.ReadAsync(rows, $"{model.ServiceId}/apis/{name}", api.Entity.Key, use, cancellation));
            }
        }

        return any;
    }

    /// <summary>True when a document, or what it includes, may ask what an API's definition says.</summary>
    public static bool MayAsk(DocumentUse use) => use.Definition != DefinitionUse.None || use.Fragments.Count > 0;

    /// <returns>By row name of the API.</returns>
    private static Dictionary<string, DefinitionUse> Needed(ServiceModel model)
    {
        var needed = new Dictionary<string, DefinitionUse>(StringComparer.OrdinalIgnoreCase);
        var fragments = model.Fragments.Values.Any(fragment => fragment.Use.Definition != DefinitionUse.None);
        foreach (var document in model.DefinitionPolicies.Values)
        {
            var use = fragments && document.Use.Fragments.Count > 0 ? WithFragments(model, document) : document.Use.Definition;
            if (use != DefinitionUse.None)
            {
                foreach (var name in Reached(model, document.Owner))
                {
                    needed[name] = needed.GetValueOrDefault(name) | use;
                }
            }
        }

        return needed;
    }

    private static DefinitionUse WithFragments(ServiceModel model, ModelDocument document)
    {
        var use = document.Use.Definition;
        var seen = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        var open = new Queue<string>(document.Use.Fragments);
        while (open.TryDequeue(out var id))
        {
            if (seen.Add(id) && model.Fragments.TryGetValue(id, out var fragment))
            {
                use |= fragment.Use.Definition;
                fragment.Use.Fragments.ToList().ForEach(open.Enqueue);
            }
        }

        return use;
    }

    /// <summary>Row names of the APIs that a document is in effect for.</summary>
    private static IEnumerable<string> Reached(ServiceModel model, string owner)
    {
        if (owner.Length == 0)
        {
            return model.Apis.Names;
        }

        var name = owner[(owner.IndexOf('/', StringComparison.Ordinal) + 1)..];
        return owner.StartsWith("apis/", StringComparison.OrdinalIgnoreCase) ? [name]
            : model.Products.TryGetValue(name, out var product)
                ? model.Apis.Where(api => product.ApiNames.Contains(api.Value.ApiName)).Select(api => api.Key)
                : [];
    }
}
