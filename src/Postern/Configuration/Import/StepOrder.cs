using Postern.Configuration.Folder;

namespace Postern.Configuration.Import;

/// <summary>
/// The order of writing. First goes what nothing else needs (subscriptions, APIs, products…), so that its paths and names are free; then
/// everything is made in the order in which one needs another; last goes what others needed until then (named values, fragments…).
/// </summary>
internal static class StepOrder
{
    private static readonly FolderKind[] NeededByOthers =
    [
        FolderLayout.NamedValues, FolderLayout.Tags, FolderLayout.Of("apiVersionSets"), FolderLayout.Certificates, FolderLayout.Of("schemas"), FolderLayout.Groups,
        FolderLayout.Users, FolderLayout.Loggers, FolderLayout.Caches, FolderLayout.Backends, FolderLayout.Fragments,
    ];

    /// <summary>Groups of steps; those of one group may be done at the same time, the groups one after another.</summary>
    public static IEnumerable<IReadOnlyList<ImportStep>> Groups(IReadOnlyList<ImportStep> steps)
    {
        var fragments = FragmentLevels.Of(steps.Select(step => step.Resource));
        return steps.GroupBy(step => Rank(step, fragments.GetValueOrDefault(step.Resource.Path))).OrderBy(group => group.Key).SelectMany(group => Split(group.Key, [.. group]));
    }

    /// <param name="level">Of a fragment: how many others it includes inside one another.</param>
    private static (int Phase, int Kind, int Within) Rank(ImportStep step, int level)
    {
        var resource = step.Resource;
        var kind = FolderLayout.Order(resource.Kind);
        return step.Action switch
        {
            StepAction.Delete => (NeededByOthers.Contains(resource.Kind) ? 3 : 0, -kind, resource.Kind == FolderLayout.Fragments ? -level : ResourcePath.IsRevision(resource.Path) ? 0 : 1),
            StepAction.MakeCurrent => (1, 0, 0),
            _ => (2, kind, resource.Kind == FolderLayout.Fragments ? level : Within(resource)),
        };
    }

    private static int Within(ConfigurationResource resource) =>
        resource.Kind == FolderLayout.Backends && resource.Properties["pool"] is not null ? 1
        : resource.Kind == FolderLayout.Apis && ResourcePath.IsRevision(resource.Name) ? 1
        : 0;

    /// <summary>A change of a named value is checked against every policy that names it: one at a time. So are swaps of revisions.</summary>
    private static IEnumerable<IReadOnlyList<ImportStep>> Split((int Phase, int Kind, int Within) rank, IReadOnlyList<ImportStep> steps) =>
        rank.Phase == 1 || (rank.Phase == 2 && steps[0].Resource.Kind == FolderLayout.NamedValues) ? steps.Select(step => (IReadOnlyList<ImportStep>)[step]) : [steps];
}
