using Postern.Policies.Runtime;

namespace Postern.Policies;

/// <summary>How expressions sit in the XML: escaped (<c>xml</c>) or as they are (<c>rawxml</c>).</summary>
public enum PolicyFormat : byte
{
    Xml,
    RawXml,
}

/// <summary>Where a document belongs; decides composition and <c>LastError.Scope</c>.</summary>
public enum PolicyScope : byte
{
    Global,
    Product,
    Api,
    Operation,
    Fragment,
}

/// <summary>A document as stored.</summary>
/// <param name="Name">For messages and caching, such as <c>apis/echo/operations/get</c>.</param>
public sealed record PolicySource(PolicyScope Scope, string Name, PolicyFormat Format, string Text);

/// <summary>What <c>{{name}}</c> and <c>include-fragment</c> refer to.</summary>
public interface IPolicyReferences
{
    /// <summary>Value of a named value by display name (case-sensitive); null when there is none.</summary>
    string? FindNamedValue(string name);

    PolicySource? FindFragment(string id);
}

/// <summary>
/// Sections of the effective policy of one operation: flat lists, ready to run.
/// </summary>
public interface IPolicyProgram
{
    /// <summary>
    /// Runs inbound, backend and outbound, or on-error after a failure. On return <see cref="PolicyContext.Response"/> holds what to send:
    /// the backend's answer, a policy's response, or the default error response.
    /// </summary>
    ValueTask RunAsync(PolicyContext context);

    /// <summary>
    /// Answers a cross-origin preflight from the cors policies of the inbound section alone: no subscription key, no other policy. To be
    /// asked when no operation takes OPTIONS, of the program of the operation that takes the requested method.
    /// </summary>
    /// <returns>False when there is no cors policy: the request is then as any other.</returns>
    bool TryAnswerPreflight(PolicyContext context);

    /// <summary>Runs on-error for a failure of a built-in step (routing, subscription check).</summary>
    ValueTask RunErrorAsync(PolicyContext context, PolicyError error);
}
