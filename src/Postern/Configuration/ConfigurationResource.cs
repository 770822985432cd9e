using System.Text.Json.Nodes;
using Postern.Configuration.Folder;

namespace Postern.Configuration;

/// <summary>One resource, in the folder or in the service.</summary>
/// <param name="Path">Below the service: <c>apis/orders/operations/get-order</c>.</param>
/// <param name="Properties">The contract's <c>properties</c>; ids of the same service begin at the service: <c>/loggers/main</c>.</param>
internal sealed record ConfigurationResource(FolderKind Kind, string Path, JsonObject Properties)
{
    /// <summary>Name of the link that stands for a relation, where there is one.</summary>
    public string? LinkName { get; init; }

    /// <summary>File that it was read from, relative to the folder.</summary>
    public string? File { get; init; }

    /// <summary>An API's definition.</summary>
    public ApiDefinition? Definition { get; init; }

    /// <summary>Made from the API's definition, not from a file of its own.</summary>
    public bool IsDefined { get; init; }

    public string Name => ResourcePath.NameOf(Path);

    public string ParentPath => ResourcePath.ParentOf(Path);
}
