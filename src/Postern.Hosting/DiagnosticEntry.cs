namespace Postern.Hosting;

/// <summary>One entry of docs/diagnostics.md, which is generated from these.</summary>
/// <param name="Id"><c>G2xx</c> gateway, <c>C3xx</c> control plane, <c>A4xx</c> access. Never reused for another meaning.</param>
/// <param name="Cause">What happened, for the person who sees it.</param>
/// <param name="Cure">What to do about it.</param>
public sealed record DiagnosticEntry(string Id, string Title, string Cause, string Cure);
