namespace Postern.ControlPlane.Store;

/// <summary>
/// Every resource of the control plane, one row each, and the log of their changes. SQLite and PostgreSQL implement it with the same
/// schema; callers can't tell which.
/// </summary>
public interface IResourceStore : IAsyncDisposable
{
    /// <param name="id">ARM id in any casing.</param>
    ValueTask<ResourceRow?> FindAsync(string id, CancellationToken cancellation);

    /// <summary>Resources of one type below a parent, ordered by name; a page when <paramref name="top"/> is given.</summary>
    /// <param name="parentId">ARM id of the direct parent, in any casing; empty for all parents.</param>
    /// <param name="type">Resource type such as <c>Microsoft.ApiManagement/service/apis</c>, in any casing.</param>
    ValueTask<IReadOnlyList<ResourceRow>> ListAsync(string parentId, string type, int skip, int? top, CancellationToken cancellation);

    /// <summary>The page of resources of one type below a parent that begins after a name (any casing): as quick at the end as at the start.</summary>
    ValueTask<IReadOnlyList<ResourceRow>> ListAfterAsync(string parentId, string type, string after, int top, CancellationToken cancellation);

    /// <summary>Resources of one type below a parent whose names begin with <paramref name="prefix"/> (any casing), ordered by name.</summary>
    ValueTask<IReadOnlyList<ResourceRow>> ListNamedAsync(string parentId, string type, string prefix, CancellationToken cancellation);

    /// <summary>Those of some resources of one type below a parent that are there, in the order of <paramref name="names"/>.</summary>
    /// <param name="names">In the form of <see cref="ResourceIds.Key"/>.</param>
    ValueTask<IReadOnlyList<ResourceRow>> ListNamesAsync(string parentId, string type, IReadOnlyList<string> names, CancellationToken cancellation);

    /// <summary>Names and indexed members of the resources of one type below a parent, as they are now.</summary>
    ValueTask<MemberTable> MembersAsync(string parentId, string type, CancellationToken cancellation);

    /// <summary>Resources by an indexed member, ordered by name: costs as much as is found, however big the collection is.</summary>
    /// <param name="top">How many at most; null for all.</param>
    ValueTask<IReadOnlyList<ResourceRow>> FindByValueAsync(ValueQuery query, int? top, CancellationToken cancellation);

    /// <summary>How many resources <see cref="ListAsync"/> would return without a page.</summary>
    ValueTask<long> CountAsync(string parentId, string type, CancellationToken cancellation);

    /// <summary>Everything whose id is at or below <paramref name="id"/>, whole path segments only, ordered by id.</summary>
    ValueTask<IReadOnlyList<ResourceRow>> ListBelowAsync(string id, CancellationToken cancellation);

    /// <summary>
    /// Applies all changes and their log entries in one transaction, durable when it returns, or none of them.
    /// </summary>
    /// <returns>The rows written and the new revision, or the first change whose precondition does not hold.</returns>
    ValueTask<StoreOutcome> WriteAsync(IReadOnlyList<ResourceWrite> writes, CancellationToken cancellation);

    /// <summary>Revision of the newest change; 0 for an empty store.</summary>
    ValueTask<long> RevisionAsync(CancellationToken cancellation);

    /// <summary>
    /// Log entries after a revision, oldest first, about <paramref name="top"/> of them: whole revisions only. The log is bounded; a reader
    /// whose first entry does not follow its own revision has missed some and must read everything anew.
    /// </summary>
    ValueTask<IReadOnlyList<ChangeRow>> ChangesAfterAsync(long revision, int top, CancellationToken cancellation);

    /// <summary>Completes when the store's revision exceeds <paramref name="revision"/>, whichever replica wrote it.</summary>
    Task WaitForChangeAsync(long revision, CancellationToken cancellation);
}

/// <param name="Id">With the casing of its creator.</param>
/// <param name="Type">Such as <c>Microsoft.ApiManagement/service/apis/operations</c>.</param>
/// <param name="ParentId">Id of the direct parent; empty at the top.</param>
/// <param name="ETag">Unquoted; changes with every write.</param>
/// <param name="Revision">Store revision of the last write.</param>
/// <param name="Body">JSON object: the ARM body without <c>id</c>, <c>name</c>, <c>type</c>; secrets in it are in their encrypted form.</param>
public sealed record ResourceRow(
    string Id, string Type, string ParentId, string Name, string ETag, long Revision, string Body,
    DateTimeOffset CreatedAt, string CreatedBy, DateTimeOffset ModifiedAt, string ModifiedBy);

/// <summary>One put or removal.</summary>
/// <param name="Body">Null removes the resource and everything below it.</param>
/// <param name="IfMatch">Null: unconditional. <c>*</c>: must exist. Else the ETag it must have.</param>
/// <param name="MustNotExist">Create only.</param>
/// <param name="By">Object id of the principal, for system data.</param>
/// <param name="ParentMustExist">The direct parent must be there in the same transaction; nobody may have removed it meanwhile.</param>
/// <param name="KeepBelow">Id below which the rows of a removal are kept, as <see cref="KeptRows"/> of the same transaction; null when they are gone.</param>
/// <param name="Origin">The row that a new one was before, whose creation it keeps.</param>
public sealed record ResourceWrite(
    string Id, string Type, string? Body, string By, string? IfMatch = null, bool MustNotExist = false, bool ParentMustExist = false,
    string? KeepBelow = null, ResourceRow? Origin = null)
{
    /// <summary>Only the preconditions count: what another write of the set was judged by. Nothing is written.</summary>
    public bool IsCheck { get; init; }

    /// <param name="row">Must still be as it was read.</param>
    public static ResourceWrite Unchanged(ResourceRow row) => new(row.Id, row.Type, null, "", IfMatch: row.ETag) { IsCheck = true };
}

/// <param name="Conflict">Null when written; else the write whose precondition failed.</param>
/// <param name="Rows">One per write, in order; null for a removal.</param>
/// <param name="Created">One per write: true when the resource did not exist before.</param>
public sealed record StoreOutcome(long Revision, IReadOnlyList<ResourceRow?> Rows, IReadOnlyList<bool> Created, ResourceWrite? Conflict);

/// <param name="Removed">True when the resource is gone.</param>
public sealed record ChangeRow(long Revision, string Id, string Type, bool Removed);
