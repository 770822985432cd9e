using System.Diagnostics.CodeAnalysis;

namespace Postern.Portal.Management;

/// <summary>What the management API answered: a value, or an error that the page shows.</summary>
/// <param name="Tag">The resource's ETag as it was sent, for <c>If-Match</c>.</param>
public sealed record ManagementAnswer<T>(T? Value, ManagementError? Error, string? Tag = null)
    where T : class
{
    [MemberNotNullWhen(true, nameof(Value))]
    [MemberNotNullWhen(false, nameof(Error))]
    public bool Succeeded => Error is null;

    public static implicit operator ManagementAnswer<T>(T value) => new(value, null);

    public static implicit operator ManagementAnswer<T>(ManagementError error) => new(null, error);
}

/// <param name="Status">HTTP status; 0 when there was no answer at all.</param>
/// <param name="Code">The error body's code, such as <c>AuthorizationFailed</c>.</param>
/// <param name="RequestId">The answer's <c>x-ms-request-id</c>, to find it in the control plane's log.</param>
public sealed record ManagementError(int Status, string Code, string Message, string? RequestId, IReadOnlyList<ErrorContract> Details)
{
    public const string UnreachableCode = "Unreachable";

    public bool IsMissing => Status == 404;

    public static ManagementError Unreachable(string whom, Uri address, string reason) =>
        new(0, UnreachableCode, $"{whom} at {address} gave no answer: {reason}", null, []);
}
