namespace Postern.ControlPlane.Publishing;

/// <summary>What policies ask of an API's definition.</summary>
[Flags]
internal enum DefinitionUse : byte
{
    None = 0,

    /// <summary>Parameters, status codes, representations with their examples.</summary>
    Operations = 1,

    /// <summary>The schemas of bodies too.</summary>
    Schemas = 2,
}

internal static class DefinitionUses
{
    private static readonly string[] Elements = ["<mock-response", "<validate-parameters", "<validate-headers", "<validate-status-code"];

    public static DefinitionUse In(string document) =>
        document.Contains("<validate-content", StringComparison.Ordinal) ? DefinitionUse.Operations | DefinitionUse.Schemas
        : Array.Exists(Elements, element => document.Contains(element, StringComparison.Ordinal)) ? DefinitionUse.Operations
        : DefinitionUse.None;
}
