using System.Text.Json.Nodes;
using Postern.ControlPlane.Store;

namespace Postern.ControlPlane.Resources;

[Flags]
internal enum Verbs
{
    None = 0,
    Get = 1,
    List = 2,
    Put = 4,
    Patch = 8,
    Delete = 16,
    All = Get | List | Put | Patch | Delete,
}

/// <summary>
/// A kind of resource, as data: where it lives, what its members are, what must hold. The protocol (<see cref="ArmDispatcher"/>) does the
/// rest. A kind is one folder and one line in <see cref="KindCatalog"/>.
/// </summary>
/// <param name="type">Such as <c>Microsoft.ApiManagement/service/apis</c>; the part before the last slash is the parent's type.</param>
internal abstract class ResourceKind(string type)
{
    public string Type => type;

    public string Segment { get; } = type[(type.LastIndexOf('/') + 1)..];

    public string ParentType { get; } = type[..type.LastIndexOf('/')];

    /// <summary>What actions on this kind are called in role definitions.</summary>
    public virtual string ActionType => type;

    public virtual Verbs Verbs => Verbs.All;

    public virtual NameRules Names => NameRules.Ordinary;

    /// <summary>Tracked resources have location and tags at the top and show who changed them.</summary>
    public virtual bool IsTracked => false;

    /// <summary>True for a segment of paths that is no resource and always there, such as a location.</summary>
    public virtual bool IsPlace => false;

    /// <summary>Type of the resources that a list shows; another one's where the contract has a second list of the same.</summary>
    public virtual string ListedType => type;

    /// <summary>True where the contract lets a write go on after its answer (<see cref="LongRunning.LongRunningOperations"/>).</summary>
    public virtual bool IsLongRunning => false;

    /// <summary>False for associations and top-level resources, whose writes take no If-Match.</summary>
    public virtual bool HasETag => true;

    /// <summary>False where the contract declares <c>value</c> and <c>nextLink</c> only.</summary>
    public virtual bool HasCount => true;

    public virtual int HeadStatus => 200;

    public virtual int DeletedStatus => 200;

    /// <summary>True when answers hold members that are not stored with the resource, so that a filter needs to see the answer.</summary>
    public virtual bool FiltersAnswers => false;

    /// <summary>True where the contract declares <c>$orderby</c>; elsewhere it is ignored, as lists are ordered by name.</summary>
    public virtual bool HasOrder => false;

    /// <summary>Members of <c>properties</c>.</summary>
    public virtual IReadOnlyList<Member> Members => [];

    public virtual IReadOnlyDictionary<string, ResourceAction> Actions { get; } = new Dictionary<string, ResourceAction>();

    /// <summary>Those of <see cref="Actions"/> that a role must name as a data action: management of everything does not include them.</summary>
    public virtual IReadOnlyCollection<string> DataActions => [];

    /// <summary>The secrets of a body; which ones can depend on the body.</summary>
    public virtual IEnumerable<SecretPath> Secrets(JsonObject properties) => SecretPath.Declared(Members);

    /// <summary>The name under which a resource is stored; <c>echo;rev=1</c> can be stored as <c>echo</c>.</summary>
    public virtual ValueTask<string> StoredNameAsync(string parentId, string name, CancellationToken cancellation) => new(name);

    /// <summary>Does something else than a PUT or PATCH says, where the contract has such a form; null to go on.</summary>
    public virtual ValueTask<ArmResponse?> DivertAsync(ArmCall call, string id, JsonObject body, CancellationToken cancellation) => default;

    /// <summary>
    /// Runs after the members were checked and before anything is stored: cross-member rules (as problems), read-only members,
    /// further writes of the same transaction.
    /// </summary>
    /// <returns>A refusal that is no validation problem; null to go on.</returns>
    public virtual ValueTask<ArmError?> PrepareAsync(ResourceChange change, CancellationToken cancellation) => default;

    /// <summary>Runs before a resource and everything below it is removed; may refuse, or remove more with it.</summary>
    public virtual ValueTask<ArmError?> DeletingAsync(ResourceRemoval removal, CancellationToken cancellation) => default;

    /// <summary>Answers a GET in another way than with the resource, where the query asks for it; null to answer as usual.</summary>
    public virtual ValueTask<ArmResponse?> AnswerAsync(ResourceView view, CancellationToken cancellation) => default;

    /// <summary>Shapes the answer: <paramref name="body"/> is a copy of what is stored, without secrets.</summary>
    /// <returns>The body to answer with; null when the resource points to something that is gone.</returns>
    public virtual ValueTask<JsonObject?> PresentAsync(ResourceView view, JsonObject body, CancellationToken cancellation) => new(body);

    /// <summary>What is wrong with the switches that the kind's list takes beside the protocol's; null when nothing.</summary>
    public virtual ArmError? CheckQuery(ArmQuery query) => null;

    /// <summary>True when a switch of the query leaves out some of the list, which <see cref="IsWanted"/> then decides.</summary>
    public virtual bool HasWish(ArmQuery query) => false;

    /// <param name="resource">In its envelope.</param>
    public virtual bool IsWanted(ArmQuery query, JsonObject resource) => true;

    /// <summary>
    /// Ids of the resources that a list is limited to by a switch of its query, where looking at each resource would not tell; null when the
    /// query has no such switch.
    /// </summary>
    /// <param name="parentId">Of the collection.</param>
    public virtual ValueTask<IReadOnlyCollection<string>?> LimitAsync(string parentId, ArmQuery query, CancellationToken cancellation) => default;

    /// <summary>What field names of a filter refer to in a computed item; the item itself unless told.</summary>
    public virtual JsonObject Filterable(JsonObject item) => item;

    /// <summary>For kinds that are computed, not stored: the whole collection below a parent, presented. Null for stored kinds.</summary>
    public virtual ValueTask<IReadOnlyList<JsonObject>?> ComputeAsync(ResourceView parent, CancellationToken cancellation) => default;
}

/// <summary>A POST to a resource, such as <c>listKeys</c>.</summary>
internal delegate ValueTask<ArmResponse> ResourceAction(ActionCall call, CancellationToken cancellation);
