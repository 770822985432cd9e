namespace Postern.Policies.Runtime;

/// <summary>
/// An expected refusal or failure. <see cref="Source"/>, <see cref="Reason"/> and <see cref="Message"/> become <c>context.LastError</c>;
/// the status and public message are what the caller gets when no on-error policy says otherwise.
/// </summary>
public sealed record PolicyError
{
    /// <summary>Element name of the policy, or a built-in step: <c>configuration</c>, <c>authorization</c>.</summary>
    public required string Source { get; init; }

    /// <summary>Machine code, such as <c>RateLimitExceeded</c>.</summary>
    public required string Reason { get; init; }

    /// <summary>Text of <c>context.LastError.Message</c>.</summary>
    public required string Message { get; init; }

    /// <summary>Status that the caller gets by default.</summary>
    public required int StatusCode { get; init; }

    /// <summary>Text of the default body; null hides the cause behind <c>Internal server error</c> with an activity id.</summary>
    public string? PublicMessage { get; init; }

    /// <summary>Headers of the default response, such as <c>Retry-After</c> or <c>WWW-Authenticate</c>.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Headers { get; init; } = [];

    /// <summary>Filled by the runner: where the failing statement stood.</summary>
    public string? Scope { get; init; }

    public string? Section { get; init; }

    /// <summary>Such as <c>choose[3]\when[2]</c>; indexes from 1.</summary>
    public string? Path { get; init; }

    /// <summary>The failing element's <c>id</c> attribute.</summary>
    public string? PolicyId { get; init; }

    /// <summary>True when the response as it stands is what the caller gets by default: <c>fail-on-error-status-code</c>.</summary>
    public bool KeepsResponse { get; init; }

    /// <summary>True when trying again can't help: <c>retry</c> stops.</summary>
    public bool IsFinal { get; init; }

    public Exception? Exception { get; init; }
}
