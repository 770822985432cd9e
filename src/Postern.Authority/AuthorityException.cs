namespace Postern.Authority;

/// <summary>The authority can't start or go on; the message says why, the diagnostic how to mend it.</summary>
public sealed class AuthorityException(string diagnostic, string message, Exception? inner = null) : Exception($"{diagnostic}: {message}", inner)
{
    /// <summary>Id in <see cref="AuthorityDiagnostics"/>.</summary>
    public string Diagnostic { get; } = diagnostic;
}
