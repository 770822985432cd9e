using Postern.Snapshots;

namespace Postern.Gateway.State;

/// <summary>A backend entity: base address and what is added to each request to it.</summary>
internal sealed class BackendState(BackendSnapshot snapshot)
{
    public Uri Address { get; } = ServiceUri.Parse(snapshot.Url);

    public BackendSnapshot Snapshot { get; } = snapshot;

    /// <summary>Headers with credentials; they replace the caller's of the same name.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Headers { get; } = ReadHeaders(snapshot);

    /// <summary>Escaped pairs joined with <c>&amp;</c>; empty when there are none.</summary>
    public string Query { get; } = string.Join('&', snapshot.Query.SelectMany(pair =>
        pair.Value.Select(value => $"{Uri.EscapeDataString(pair.Key)}={Uri.EscapeDataString(value)}")));

    private static List<KeyValuePair<string, string>> ReadHeaders(BackendSnapshot snapshot)
    {
        var headers = snapshot.Headers.Select(pair => new KeyValuePair<string, string>(pair.Key, string.Join(",", pair.Value))).ToList();
        if (snapshot.AuthorizationScheme is { Length: > 0 } scheme)
        {
            headers.RemoveAll(pair => pair.Key.Equals("Authorization", StringComparison.OrdinalIgnoreCase));
            headers.Add(new("Authorization", $"{scheme} {snapshot.AuthorizationParameter}".TrimEnd()));
        }

        return headers;
    }
}
