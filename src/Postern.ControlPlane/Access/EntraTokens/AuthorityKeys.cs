using System.Collections.Frozen;
using System.Security.Cryptography;

namespace Postern.ControlPlane.Access.EntraTokens;

/// <summary>What the authority publishes about its tokens at one time.</summary>
/// <param name="Issuers">Exact <c>iss</c> values of its v1 and v2 tokens for our tenant.</param>
/// <param name="Keys">RSA signing keys by <c>kid</c>.</param>
internal sealed record AuthorityKeys(IReadOnlyList<string> Issuers, FrozenDictionary<string, RSA> Keys, DateTimeOffset FetchedAt);
