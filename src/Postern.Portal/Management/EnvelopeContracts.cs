using System.Text.Json.Serialization;

namespace Postern.Portal.Management;

/// <summary>One page of a collection; <c>count</c> is over all pages.</summary>
public sealed record CollectionContract<T>(IReadOnlyList<T> Value, long? Count, string? NextLink);

/// <summary>A resource of which only its being there matters.</summary>
public sealed record NamedContract(string Id, string Name);

/// <summary>A collection of which only the number matters.</summary>
public sealed record CountContract(long? Count);

public sealed record ErrorEnvelopeContract(ErrorContract? Error);

/// <param name="Target">Where the problem is; for policy documents the element.</param>
public sealed record ErrorContract(string? Code, string? Message, string? Target, string? Diagnostic, IReadOnlyList<ErrorContract>? Details);

public sealed record TokenContract(
    [property: JsonPropertyName("access_token")] string? AccessToken,
    [property: JsonPropertyName("expires_in")] double ExpiresIn,
    [property: JsonPropertyName("error")] string? Error,
    [property: JsonPropertyName("error_description")] string? ErrorDescription);
