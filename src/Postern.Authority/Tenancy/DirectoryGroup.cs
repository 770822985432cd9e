using System.Collections.Immutable;

namespace Postern.Authority.Tenancy;

/// <summary>A security group. Members are object ids of service principals and of other groups.</summary>
internal sealed record DirectoryGroup(
    string TenantId,
    string ObjectId,
    string DisplayName,
    string MailNickname,
    string? Description,
    DateTimeOffset Created,
    ImmutableSortedSet<string> Members);
