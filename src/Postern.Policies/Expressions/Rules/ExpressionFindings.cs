using Postern.Policies.Language;

namespace Postern.Policies.Expressions;

/// <summary>What the rules saw in one expression.</summary>
/// <param name="NeedsGuard">Something in it could run away.</param>
/// <param name="HasPairs">Tuples or pairs, which print themselves by recursion once they are objects.</param>
/// <param name="IsLight">See <see cref="LightExpressions"/>.</param>
internal readonly record struct ExpressionFindings(BodyUse Needs, bool NeedsGuard, bool IsLight, bool HasPairs);
