namespace Postern.Policies.Expressions;

/// <summary>What is written is short, what it stands for is not; the compiler must not be asked any further about it.</summary>
internal sealed class ExpressionTooLargeException(string message) : Exception(message);
