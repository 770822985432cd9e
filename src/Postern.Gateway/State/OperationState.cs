using Postern.Gateway.Routing;
using Postern.Policies.Runtime;
using Postern.Snapshots;

namespace Postern.Gateway.State;

/// <summary>An operation; the same object in every state that holds the same API, so it knows nothing of policies.</summary>
/// <param name="index">Place in the API's list, by which a state finds the operation's program.</param>
internal sealed class OperationState(OperationSnapshot snapshot, int index) : IOperation
{
    public int Index { get; } = index;

    public Routing.UrlTemplate Template { get; } = Routing.UrlTemplate.Parse(snapshot.UrlTemplate);

    public string Id => snapshot.Id;

    public string Method => snapshot.Method;

    public string Name => snapshot.Name;

    public string UrlTemplate => snapshot.UrlTemplate;
}
