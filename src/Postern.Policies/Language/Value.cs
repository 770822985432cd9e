using Postern.Policies.Expressions;
using Postern.Policies.Runtime;

namespace Postern.Policies.Language;

/// <summary>A value that a document gives as a constant or as an expression.</summary>
internal abstract class Value
{
    protected ExpressionSource? Source { get; private init; }

    public bool IsConstant => Source is null;

    /// <summary>Bodies to bring into memory before <c>Get</c>.</summary>
    public BodyUse Needs => Source?.Needs ?? BodyUse.None;

    public static Value FromExpression(Type type, ExpressionSource source, double min, double max) =>
        (Value)Activator.CreateInstance(typeof(Value<>).MakeGenericType(type), source, min, max)!;

    public static Value FromConstant(Type type, object constant) =>
        (Value)Activator.CreateInstance(typeof(Value<>).MakeGenericType(type), constant)!;

    protected Value(ExpressionSource? source) => Source = source;
}

/// <inheritdoc/>
/// <typeparam name="T">What the policy works with: text, a number, a truth value, an enumeration, or any object.</typeparam>
internal sealed class Value<T> : Value
{
    private readonly T _constant = default!;
    private readonly double _min = double.NegativeInfinity;
    private readonly double _max = double.PositiveInfinity;

    public Value(T constant)
        : base(null) => _constant = constant;

    public Value(ExpressionSource source, double min, double max)
        : base(source)
    {
        _min = min;
        _max = max;
    }

    /// <exception cref="InvalidOperationException">The value is an expression.</exception>
    public T Constant => IsConstant ? _constant : throw new InvalidOperationException("The value is an expression.");

    public static implicit operator Value<T>(T constant) => new(constant);

    /// <summary>The value for this request. Bodies that <see cref="Value.Needs"/> names are already in memory.</summary>
    /// <exception cref="ExpressionFailedException">The expression threw, ran out of its budget, or gave something unfit.</exception>
    public T Get(PolicyContext context) => IsConstant ? _constant : Evaluate(context);

    /// <summary>For values that are needed after children of the same policy have run, when bodies may be new.</summary>
    public async ValueTask<T> GetAsync(PolicyContext context)
    {
        await BodyBuffering.BufferAsync(context, Needs);
        if (Source is { Light: false })
        {
            await SocketThread.LeaveAsync();
        }

        return Get(context);
    }

    private T Evaluate(PolicyContext context)
    {
        var source = Source!;
        ExpressionBudget.Begin();
        try
        {
            if (source.Delegate is Func<IContext, T> typed && !source.Untyped)
            {
                var result = typed(context.Expression);
                if (_min > double.NegativeInfinity || _max < double.PositiveInfinity)
                {
                    CheckRange(result);
                }

                return result;
            }

            var untyped = ((Func<IContext, object?>)source.Delegate!)(context.Expression);
            var converted = ValueConversion.FromResult<T>(untyped);
            CheckRange(converted);
            return converted;
        }
        catch (Exception problem)
        {
            throw new ExpressionFailedException(problem);
        }
    }

    private void CheckRange(T result)
    {
        if (result is int or double or long)
        {
            var number = Convert.ToDouble(result, System.Globalization.CultureInfo.InvariantCulture);
            if (number < _min || number > _max)
            {
                throw new InvalidOperationException($"The value {result} is not between {_min} and {_max}.");
            }
        }
    }
}
