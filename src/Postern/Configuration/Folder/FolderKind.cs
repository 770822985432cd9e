using System.Text.Json.Nodes;

namespace Postern.Configuration.Folder;

/// <summary>How the service gives the members of a collection.</summary>
internal enum Listing
{
    /// <summary>A list holds everything that a GET of each member would.</summary>
    Whole,

    /// <summary>A list names the members; each must be read by itself.</summary>
    Names,

    /// <summary>There is one member, <c>policy</c>, read as rawxml.</summary>
    Policy,

    /// <summary>Members are relations: they hold nothing, or the other side's id.</summary>
    Relation,
}

/// <summary>
/// One kind of resource in the folder: where it is in the service, where in the folder, and which of its members are whose. The folder's
/// names are those of APIOps; kinds and files that APIOps does not have are marked in docs/config.md.
/// </summary>
/// <param name="Type">Collections from the service down: <c>apis/operations</c>.</param>
/// <param name="Folder">Name of the folder that stands for the last collection: <c>named values</c>.</param>
/// <param name="File">Name of the file in a resource's own folder: <c>namedValueInformation.json</c>.</param>
internal sealed record FolderKind(string Type, string Folder, string File)
{
    /// <summary>Type of the parent; empty directly below the service.</summary>
    public string Parent { get; } = Type.Contains('/', StringComparison.Ordinal) ? Type[..Type.LastIndexOf('/')] : "";

    public string Collection { get; } = Type[(Type.LastIndexOf('/') + 1)..];

    /// <summary>Section of an overriding configuration file.</summary>
    public string Section { get; init; } = Type[(Type.LastIndexOf('/') + 1)..];

    public Listing Listing { get; init; } = Listing.Whole;

    /// <summary>Set by the service, or asked of it once: never compared, never sent to change something.</summary>
    public IReadOnlySet<string> ReadOnly { get; init; } = new HashSet<string>();

    /// <summary>Those of the read-only members that an export tells.</summary>
    public IReadOnlySet<string> Told { get; init; } = new HashSet<string>();

    /// <summary>What the service puts where a file says nothing.</summary>
    public JsonObject Defaults { get; init; } = [];

    /// <summary>Members that answers never show.</summary>
    public IReadOnlyList<string> Hidden { get; init; } = [];

    /// <summary>The POST that gives the hidden members; null when nothing gives them.</summary>
    public string? SecretsAction { get; init; }

    /// <summary>Answers show secrets below these members, as paths with <c>*</c> for any name or index.</summary>
    public IReadOnlyList<string> Shown { get; init; } = [];

    /// <summary>Members that hold ids of other resources of the service.</summary>
    public IReadOnlySet<string> References { get; init; } = new HashSet<string>();

    /// <summary>APIOps has no such kind: a folder without any says nothing about it.</summary>
    public bool IsAddition { get; init; }

    /// <summary>Members written back by the POST <c>restore</c>, where the service has it.</summary>
    public IReadOnlyList<string> Restored { get; init; } = [];

    /// <summary>Changed by PATCH, because a PUT without the hidden members would be refused or make new ones.</summary>
    public bool IsPatched { get; init; }

    /// <summary>The text of the resource is a file of its own beside the JSON file: <c>policy.xml</c>.</summary>
    public bool HasPolicyText { get; init; }

    public bool IsRelation => Listing == Listing.Relation;

    public override string ToString() => Type;
}
