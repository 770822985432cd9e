using System.Runtime.CompilerServices;
using Postern.Policies.Runtime;
using Postern.Snapshots;

namespace Postern.Gateway.State;

/// <summary>
/// What policies look up while they run: event hubs, schemas, descriptions of operations. Entities that did not change keep what was worked
/// out of them, so that a schema is read once however often the configuration changes.
/// </summary>
internal sealed class PolicyEntities
{
    private static readonly ConditionalWeakTable<SchemaSnapshot, SchemaDocument> Schemas = [];
    private static readonly ConditionalWeakTable<LoggerSnapshot, EventHubState> Loggers = [];
    private static readonly ConditionalWeakTable<ApiDescriptionSnapshot, ApiDescriptionState> Descriptions = [];

    private readonly Dictionary<string, SchemaSnapshot> _schemas = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, EventHubLogger> _hubs = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, ApiDescriptionSnapshot> _descriptions = new(StringComparer.OrdinalIgnoreCase);

    /// <param name="problems">Gets what can't be understood; it counts as absent.</param>
    public static PolicyEntities From(EntitySet entities, List<string> problems)
    {
        var made = new PolicyEntities();
        foreach (var entity in entities.All)
        {
            switch (entity)
            {
                case SchemaSnapshot schema:
                    made._schemas[schema.Key] = schema;
                    break;
                case ApiDescriptionSnapshot description:
                    made._descriptions[description.Owner] = description;
                    break;
                case LoggerSnapshot logger when EventHubState.Is(logger):
                    made.Add(logger, problems);
                    break;
            }
        }

        return made;
    }

    public EventHubLogger? FindEventHub(string id) => _hubs.GetValueOrDefault(id);

    /// <summary>The API's own schema before one of the service.</summary>
    public SchemaDocument? FindSchema(ApiState? api, string id) =>
        (api is not null && _schemas.TryGetValue(SchemaSnapshot.KeyOf(api.Snapshot.Key, id), out var schema))
        || _schemas.TryGetValue(SchemaSnapshot.KeyOf(null, id), out schema)
            ? Schemas.GetValue(schema, static snapshot => new(snapshot.Text))
            : null;

    public OperationDescription? Describe(ApiState? api, OperationState? operation) =>
        api is not null && operation is not null && _descriptions.TryGetValue(api.Snapshot.Key, out var description)
            ? Descriptions.GetValue(description, static _ => new()).Of(description, operation.Id, id => _schemas.GetValueOrDefault(SchemaSnapshot.KeyOf(description.Owner, id)))
            : null;

    private void Add(LoggerSnapshot logger, List<string> problems)
    {
        if (Loggers.GetValue(logger, static snapshot => new(snapshot)).Hub is { } hub)
        {
            _hubs[logger.Id] = hub;
        }
        else
        {
            problems.Add($"G219: logger '{logger.Id}' gets no events: its credentials name no event hub with address and key.");
        }
    }
}
