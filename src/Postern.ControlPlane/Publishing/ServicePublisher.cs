using Postern.ControlPlane.Resources;
using Postern.ControlPlane.Store;

namespace Postern.ControlPlane.Publishing;

/// <summary>
/// The publications of one service's gateways, brought up to date whenever somebody asks: the first who asks after a write does the
/// work, the others wait for it. A change costs what it touches, not what the service holds.
/// </summary>
internal sealed class ServicePublisher(string serviceId, IResourceStore store, SecretMembers secrets) : IDisposable
{
    /// <summary>Log entries read at once.</summary>
    private const int Batch = 1_000;

    private readonly SemaphoreSlim _gate = new(1, 1);
    private readonly EntityReader _reader = new(serviceId, secrets);
    private readonly Dictionary<string, GatewayPublication> _publications = new(StringComparer.OrdinalIgnoreCase);
    private ServiceModel? _model;
    private long _revision;

    /// <summary>Runs <paramref name="use"/> on the gateway's publication, up to date with every write that was answered before.</summary>
    /// <param name="use">Gets null when there is no such gateway; second, the store's revision that it is up to date with.</param>
    public async ValueTask<T> UseAsync<T>(string gateway, Func<GatewayPublication?, long, T> use, CancellationToken cancellation)
    {
        var revision = await store.RevisionAsync(cancellation);
        await _gate.WaitAsync(cancellation);
        try
        {
            if (_model is null || _revision < revision)
            {
                // For everybody who waits: a caller who goes away must not make the next one start anew.
                await CatchUpAsync(CancellationToken.None);
            }

            return use(Find(gateway), _revision);
        }
        catch
        {
            // What was applied in part must not be built upon.
            _model = null;
            throw;
        }
        finally
        {
            _gate.Release();
        }
    }

    public void Dispose() => _gate.Dispose();

    private GatewayPublication? Find(string gateway)
    {
        if (!_model!.Gateways.TryGetValue(gateway, out var resource))
        {
            _publications.Remove(gateway);
            return null;
        }

        if (!_publications.TryGetValue(gateway, out var publication))
        {
            publication = new(_revision);
            publication.Update(GatewaySelection.Select(_model, resource, publication.Entities), _revision, first: true);
            _publications.Add(gateway, publication);
        }

        return publication;
    }

    private async ValueTask CatchUpAsync(CancellationToken cancellation)
    {
        if (_model is null)
        {
            await LoadAsync(cancellation);
            return;
        }

        var update = new ModelUpdate(_model, _reader, new StoredRows(store));
        while (true)
        {
            var changes = await store.ChangesAfterAsync(_revision, Batch, cancellation);
            if (changes.Count == 0)
            {
                break;
            }

            if (changes[0].Revision != _revision + 1)
            {
                // The log no longer reaches back to where this model stands.
                await LoadAsync(cancellation);
                return;
            }

            foreach (var change in changes.Where(change => ResourceIds.IsAtOrBelow(change.Id, serviceId)))
            {
                update.Touch(change.Id);
            }

            _revision = changes[^1].Revision;
        }

        if (await update.ApplyAsync(cancellation))
        {
            Publish();
        }
    }

    /// <summary>Reads the whole service. Publications that exist stay, with what turns out to be different as a change.</summary>
    private async ValueTask LoadAsync(CancellationToken cancellation)
    {
        var revision = await store.RevisionAsync(cancellation);
        var rows = await LoadedRows.LoadAsync(store, serviceId, cancellation);
        var model = new ServiceModel { ServiceId = (await rows.FindAsync(serviceId, cancellation))?.Id ?? serviceId };
        var update = new ModelUpdate(model, _reader, rows);
        foreach (var row in rows.All)
        {
            update.Touch(row.Id);
        }

        await update.ApplyAsync(cancellation);
        (_model, _revision) = (model, revision);
        Publish();
    }

    private void Publish()
    {
        foreach (var (gateway, publication) in _publications.ToList())
        {
            if (_model!.Gateways.TryGetValue(gateway, out var resource))
            {
                publication.Update(GatewaySelection.Select(_model, resource, publication.Entities), _revision, first: false);
            }
            else
            {
                _publications.Remove(gateway);
            }
        }
    }
}
