using Postern.Configuration.Folder;
using Postern.Configuration.Service;

namespace Postern.Configuration.Import;

/// <summary>Reads the folder, then as much of the service as the folder speaks of, and says what differs. Writes nothing.</summary>
internal sealed class ImportPlanner(ServiceReader reader, ImportOptions options)
{
    private readonly List<FolderProblem> _problems = [];
    private readonly List<FolderProblem> _notes = [];
    private readonly List<ImportStep> _steps = [];
    private Dictionary<string, ConfigurationResource> _folder = [];
    private int _unchanged;

    /// <summary>False when the folder alone is reason enough to do nothing.</summary>
    public bool IsReadable => _problems.Count == 0;

    /// <summary>Everything that the folder has.</summary>
    public IReadOnlySet<string> Paths => _folder.Keys.ToHashSet(ResourcePath.Comparer);

    /// <summary>The folder with its overriding files, without the service.</summary>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    /// <exception cref="FormatException">An overriding file can't be read.</exception>
    public void ReadFolder()
    {
        var content = FolderReader.Read(options.Folder);
        _problems.AddRange(content.Problems);
        _notes.AddRange(content.Notes);
        _folder = content.Resources.ToDictionary(resource => resource.Path, ResourcePath.Comparer);
        foreach (var file in options.Overrides)
        {
            Overrides.Apply(file, Overrides.Read(file), _folder, _notes);
        }

        foreach (var resource in _folder.Values.ToList())
        {
            var properties = References.Relative(resource.Kind, resource.Properties);
            if (resource.Definition?.NamesGateway == true && !properties.ContainsKey("serviceUrl"))
            {
                properties["serviceUrl"] = null; // Told, so that the definition's address does not become the backend's.
            }

            _folder[resource.Path] = resource with { Properties = properties };
        }
    }

    /// <exception cref="ServiceException">The service can't be read.</exception>
    public async Task<ImportPlan> PlanAsync(CancellationToken cancellation)
    {
        if (_problems.Count > 0)
        {
            return new([], 0, [], _problems, _notes);
        }

        var apis = Of(FolderLayout.Apis);
        var present = apis.Count > 0 || options.Delete ? await reader.ListAsync(FolderLayout.Apis, "", cancellation) : [];
        var revisions = new RevisionMap(apis, present);
        var state = new ServiceState(reader, revisions, options.Delete, options.Parallel);
        state.AddApis(apis, present);
        var definitions = new DefinitionPlan(reader, revisions, state, options.Delete);
        await CompareDefinitionsAsync(definitions, state, cancellation);
        foreach (var (api, revision, exists) in revisions.Swaps)
        {
            var resource = _folder[$"apis/{api}"];
            _steps.Add(new(StepAction.MakeCurrent, resource, [], exists ? revision : $"{revision} (new)"));
        }

        var compared = definitions.Compared.ToLookup(resource => resource.Kind);
        foreach (var kind in FolderLayout.All)
        {
            await PlanKindAsync(kind, [.. Of(kind).Where(resource => !resource.IsDefined), .. compared[kind]], state, cancellation);
        }

        var deletions = new DeletionPlan(_folder, state);
        _steps.AddRange(definitions.Replaced.Select(pair => new ImportStep(StepAction.Delete, pair.Operation, [], $"its method and template are {pair.By}'s now")));
        if (options.Delete)
        {
            _steps.AddRange(deletions.Steps());
        }

        return new(_steps, _unchanged + definitions.Unchanged.Count, options.Delete ? [] : deletions.Kept(), _problems, _notes);
    }

    private List<ConfigurationResource> Of(FolderKind kind) => [.. _folder.Values.Where(resource => resource.Kind == kind)];

    private async Task CompareDefinitionsAsync(DefinitionPlan plan, ServiceState state, CancellationToken cancellation)
    {
        var apis = Of(FolderLayout.Apis);
        _notes.AddRange(apis.SelectMany(api => DefinitionPlan.Shadowed(api, _folder)));
        var defined = apis.ToDictionary(api => api.Path, api => DefinitionPlan.Defined(api, _folder).ToList(), ResourcePath.Comparer);
        foreach (var resource in defined.Values.SelectMany(list => list))
        {
            _folder[resource.Path] = resource;
        }

        var wanted = Of(FolderLayout.Operations).ToLookup(operation => operation.ParentPath, ResourcePath.Comparer);
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = options.Parallel, CancellationToken = cancellation };
        await Parallel.ForEachAsync(apis, parallel, async (api, stop) =>
        {
            var operations = wanted[api.Path].ToDictionary(operation => operation.Path, ResourcePath.Comparer);
            if (!state.Has(api.Path))
            {
                // A GraphQL schema is no definition that a PUT of the API takes.
                foreach (var resource in defined[api.Path].Where(_ => api.Definition?.Format is null))
                {
                    plan.Compared.Add(resource);
                }
            }
            else if (api.Definition is not null)
            {
                await plan.CompareAsync(api, defined[api.Path], operations, stop);
            }
            else if (options.Delete && operations.Count > 0)
            {
                await plan.FindOthersAsync(api, operations, stop);
            }
        });
    }

    private async Task PlanKindAsync(FolderKind kind, IReadOnlyList<ConfigurationResource> wanted, ServiceState state, CancellationToken cancellation)
    {
        var placed = await PlacedAsync(kind, wanted, state, cancellation);
        if (kind != FolderLayout.Apis)
        {
            var above = kind.Parent.Length == 0 ? [] : Of(FolderLayout.Of(kind.Parent)).Select(resource => resource.Path);
            var speaks = placed.Count > 0 || (options.Delete && !kind.IsAddition);
            await (speaks ? state.LoadAsync(kind, placed, kind.Parent.Length == 0 ? [""] : above, cancellation) : Task.CompletedTask);
        }

        var comparison = new Comparison(reader, options.Restore, _folder);
        foreach (var outcome in await comparison.OfAsync(placed, state, options.Parallel, cancellation))
        {
            _problems.AddRange(outcome.Problems);
            _notes.AddRange(outcome.Notes);
            if (outcome.Step is { } step)
            {
                _steps.Add(step);
            }
            else if (outcome.Problems.Count == 0)
            {
                _unchanged++;
            }
        }
    }

    /// <summary>Those whose parent is, or will be, there.</summary>
    private async Task<IReadOnlyList<ConfigurationResource>> PlacedAsync(
        FolderKind kind, IReadOnlyList<ConfigurationResource> wanted, ServiceState state, CancellationToken cancellation)
    {
        var placed = new List<ConfigurationResource>();
        foreach (var group in wanted.GroupBy(resource => resource.ParentPath, ResourcePath.Comparer))
        {
            if (group.Key.Length > 0 && !_folder.ContainsKey(group.Key))
            {
                await state.ProbeAsync(FolderLayout.Of(kind.Parent), group.Key, cancellation);
                if (!state.Has(group.Key))
                {
                    _problems.AddRange(group.Select(resource => new FolderProblem(resource.File ?? resource.Path, null, $"{group.Key} is neither in the folder nor in the service.")));
                    continue;
                }
            }

            placed.AddRange(group);
        }

        return placed;
    }
}
