using Microsoft.AspNetCore.Http;
using Postern.Gateway.State;

namespace Postern.Gateway.Routing;

/// <summary>What the choice among APIs at one path depends on besides the path.</summary>
internal readonly ref struct ApiQuestion(ApiProtocol protocol, string query, IHeaderDictionary headers)
{
    public ApiProtocol Protocol { get; } = protocol;

    public string Query { get; } = query;

    public IHeaderDictionary Headers { get; } = headers;
}

/// <summary>The APIs at one path: versions told apart by header or query parameter, revisions, HTTP and WebSocket side by side.</summary>
internal sealed class ApiCandidates
{
    private readonly List<ApiState> _apis = [];
    private bool _simple = true;

    public void Add(ApiState api)
    {
        _apis.Add(api);
        _simple = _apis.Count == 1 && api.VersionIdentifier is null && api.IsCurrentRevision;
    }

    public ApiState? Choose(in ApiQuestion question, ReadOnlySpan<char> revision)
    {
        if (_simple && revision.IsEmpty)
        {
            return (_apis[0].AcceptedProtocols & question.Protocol) != 0 ? _apis[0] : null;
        }

        ApiState? original = null;
        var identified = false;
        foreach (var api in _apis)
        {
            if (!Serves(api, question.Protocol, revision))
            {
                continue;
            }

            if (api.VersionSet is null || api.VersionSet.Name is null)
            {
                original ??= api;
                continue;
            }

            var given = Identifier(api, question, out var value);
            if (api.VersionIdentifier is null)
            {
                // The API that existed before versioning was turned on answers when no identifier is given.
                original = given ? original : original ?? api;
            }
            else if (given)
            {
                identified = true;
                if (value.Equals(api.VersionIdentifier, StringComparison.OrdinalIgnoreCase))
                {
                    return api;
                }
            }
        }

        return identified ? null : original;
    }

    private static bool Serves(ApiState api, ApiProtocol protocol, ReadOnlySpan<char> revision) =>
        (api.AcceptedProtocols & protocol) != 0
        && (revision.IsEmpty ? api.IsCurrentRevision : revision.Equals(api.Revision, StringComparison.OrdinalIgnoreCase));

    private static bool Identifier(ApiState api, in ApiQuestion question, out ReadOnlySpan<char> value)
    {
        var set = api.VersionSet!;
        if (set.Scheme.Equals("Header", StringComparison.OrdinalIgnoreCase))
        {
            var values = question.Headers[set.Name!];
            value = values.Count > 0 ? values[0].AsSpan().Trim() : default;
            return values.Count > 0;
        }

        if (QueryText.TryFind(question.Query, set.Name, out var place))
        {
            var raw = question.Query.AsSpan(place);
            value = raw.ContainsAny('%', '+') ? QueryText.Decode(raw) : raw;
            return true;
        }

        value = default;
        return false;
    }
}
