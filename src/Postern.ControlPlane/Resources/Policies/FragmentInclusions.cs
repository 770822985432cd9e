using Postern.ControlPlane.Resources.PolicyFragments;
using Postern.ControlPlane.Store;
using Postern.Policies;

namespace Postern.ControlPlane.Resources.Policies;

/// <summary>
/// What a document that is about to be written includes and, when it is a fragment, what includes it. What was found so stays true until
/// the write: two writes that are sound one by one but not together don't both succeed.
/// </summary>
internal sealed class FragmentInclusions
{
    /// <summary>Documents that a refusal names; one is enough to know what to do, and a fragment may stand in thousands.</summary>
    private const int MostNamed = 20;

    private readonly KindServices _services;
    private readonly ResourceChange _change;
    private readonly PolicySource _source;
    private readonly string _serviceId;
    private readonly FragmentGuard? _guard;

    private FragmentInclusions(KindServices services, ResourceChange change, PolicySource source, FragmentGuard? guard)
    {
        _services = services;
        _change = change;
        _source = source;
        _serviceId = Resources.References.ServiceOf(change.Id);
        _guard = guard;
        References = new(services, _serviceId, guard is null ? null : source);
    }

    public StoredReferences References { get; }

    public static async ValueTask<FragmentInclusions> ReadAsync(KindServices services, ResourceChange change, PolicySource source, CancellationToken cancellation)
    {
        var guard = source.Scope == PolicyScope.Fragment
            ? await FragmentGuard.ReadAsync(services.Store, Resources.References.ServiceOf(change.Id), change.Name, cancellation)
            : null;
        var inclusions = new FragmentInclusions(services, change, source, guard);
        await inclusions.References.AddAsync(source.Text, cancellation);
        return inclusions;
    }

    /// <summary>For a document without problems of its own.</summary>
    public async ValueTask CheckAsync(CancellationToken cancellation)
    {
        var by = _change.Call.Caller.ObjectId;
        _change.Also.AddRange(References.Fragments.Select(fragment => FragmentGuard.Touch(_serviceId, fragment.Name, by)));
        if (_guard is not null)
        {
            await CheckUsersAsync(cancellation);
            _change.Also.Add(_guard.Untouched);
        }

        _change.Also.AddRange(References.Fragments.Select(ResourceWrite.Unchanged));
    }

    private async ValueTask CheckUsersAsync(CancellationToken cancellation)
    {
        var seen = new HashSet<string>(StringComparer.OrdinalIgnoreCase) { _change.Id };
        var fragments = new Queue<string>([_change.Name]);
        var broken = 0;
        while (fragments.TryDequeue(out var fragment))
        {
            foreach (var row in await PolicyUse.OfFragmentAsync(_services.Store, References, _serviceId, fragment, cancellation))
            {
                if (!seen.Add(row.Id))
                {
                    continue;
                }

                var scope = StoredDocument.ScopeOf(row.Type);
                if (scope == PolicyScope.Fragment)
                {
                    fragments.Enqueue(row.Name);
                }

                if (await IsBrokenAsync(StoredDocument.Of(row, scope), cancellation) && ++broken == MostNamed)
                {
                    return;
                }
            }
        }
    }

    /// <summary>Expressions mean the same wherever the fragment stands: they were checked with the fragment.</summary>
    private async ValueTask<bool> IsBrokenAsync(PolicySource user, CancellationToken cancellation)
    {
        await References.AddAsync(user.Text, cancellation);
        var problems = PolicyReader.ValidateStructure(user, References);
        if (problems.Count == 0)
        {
            return false;
        }

        var before = new StoredReferences(_services, _serviceId);
        await before.AddAsync(user.Text, cancellation);
        if (PolicyReader.ValidateStructure(user, before).Count > 0)
        {
            // It does not run as it is, and a fragment may be what mends it bit by bit.
            return false;
        }

        var problem = problems[0];
        _change.Problems.Add(new(
            "ValidationError", user.Name,
            $"The document '{user.Name}', which includes this fragment at {problem.Line}:{problem.Column}, would no longer run: {problem.Message} ({problem.Note})",
            problem.Id, Path: problem.Path));
        return true;
    }
}
