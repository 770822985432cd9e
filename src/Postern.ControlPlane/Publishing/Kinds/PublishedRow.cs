using System.Text.Json.Nodes;
using Postern.ControlPlane.Resources;
using Postern.ControlPlane.Store;
using Postern.Policies;

namespace Postern.ControlPlane.Publishing.Kinds;

/// <summary>A row to be made an entity, with what it takes to do so.</summary>
/// <param name="Path">Below the service: <c>loggers/hub</c>.</param>
/// <param name="Secrets">Opens sealed members.</param>
/// <param name="NamedValue">Value by display name; null when there is none.</param>
internal sealed record PublishedRow(ResourceRow Row, string Path, JsonObject Properties, SecretMembers Secrets, Func<string, string?> NamedValue)
{
    public string Name => Row.Name;

    /// <summary>True once a text with a named value was filled: the entity is made anew when named values change.</summary>
    public bool UsesNamedValues { get; private set; }

    /// <summary>Puts named values in.</summary>
    public string Fill(string text)
    {
        UsesNamedValues |= text.Contains("{{", StringComparison.Ordinal);
        return NamedValueReferences.Fill(text, NamedValue);
    }
}
