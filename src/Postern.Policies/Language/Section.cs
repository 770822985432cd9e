namespace Postern.Policies.Language;

internal enum Section : byte
{
    Inbound,
    Backend,
    Outbound,
    OnError,
}

/// <summary>Sections that a policy may stand in.</summary>
[Flags]
internal enum In : byte
{
    Inbound = 1,
    Backend = 2,
    Outbound = 4,
    OnError = 8,
    Everywhere = Inbound | Backend | Outbound | OnError,
}

internal static class SectionNames
{
    public static readonly IReadOnlyList<string> All = ["inbound", "backend", "outbound", "on-error"];

    public static string ToName(this Section section) => All[(int)section];

    public static bool Has(this In sections, Section section) => ((byte)sections & (1 << (int)section)) != 0;

    public static string ScopeName(this PolicyScope scope) => scope switch
    {
        PolicyScope.Global => "global",
        PolicyScope.Product => "product",
        PolicyScope.Api => "api",
        PolicyScope.Operation => "operation",
        _ => "fragment",
    };
}
