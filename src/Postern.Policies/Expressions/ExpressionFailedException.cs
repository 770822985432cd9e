namespace Postern.Policies.Expressions;

/// <summary>An expression could not be evaluated: <c>ExpressionValueEvaluationFailure</c>. The inner exception has the cause.</summary>
internal sealed class ExpressionFailedException(Exception inner)
    : Exception($"Expression evaluation failed. {inner.Message}", inner);
