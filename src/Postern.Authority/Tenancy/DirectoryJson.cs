using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Postern.Authority.Tenancy;

/// <summary>Lists inside a row.</summary>
[JsonSerializable(typeof(ImmutableArray<string>))]
[JsonSerializable(typeof(ImmutableArray<AppRole>))]
[JsonSerializable(typeof(ImmutableArray<AppRoleAssignment>))]
internal sealed partial class DirectoryJson : JsonSerializerContext
{
    public static string Write(ImmutableArray<string> list) => JsonSerializer.Serialize(list, Default.ImmutableArrayString);

    public static string Write(ImmutableArray<AppRole> list) => JsonSerializer.Serialize(list, Default.ImmutableArrayAppRole);

    public static string Write(ImmutableArray<AppRoleAssignment> list) => JsonSerializer.Serialize(list, Default.ImmutableArrayAppRoleAssignment);

    public static ImmutableArray<string> Strings(string json) => JsonSerializer.Deserialize(json, Default.ImmutableArrayString);

    public static ImmutableArray<AppRole> Roles(string json) => JsonSerializer.Deserialize(json, Default.ImmutableArrayAppRole);

    public static ImmutableArray<AppRoleAssignment> Assignments(string json) =>
        JsonSerializer.Deserialize(json, Default.ImmutableArrayAppRoleAssignment);
}
