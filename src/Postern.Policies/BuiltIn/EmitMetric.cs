using Postern.Policies.Language;
using Postern.Policies.Runtime;

namespace Postern.Policies.BuiltIn;

[Policy("emit-metric", In.Everywhere, Summary = "Sends a value of your own to the telemetry.")]
internal sealed record EmitMetricPolicy : Policy
{
    [XmlAttribute("name", Summary = "Name of the metric.")]
    public required string Metric { get; init; }

    [XmlAttribute("namespace", Summary = "Namespace of the metric.")]
    public string Space { get; init; } = "API Management";

    [XmlAttribute("value", Summary = "The value.")]
    public Value<double> Amount { get; init; } = 1;

    [XmlChild("dimension", Summary = "A name and a value to tell series apart; at most ten.")]
    public required IReadOnlyList<Dimension> Dimensions { get; init; }

    public override void Validate(PolicyRules rules)
    {
        rules.Check(Dimensions.Count <= 10, "More than ten dimensions.");
        foreach (var dimension in Dimensions.Where(dimension => dimension is { Content: null, Key.IsConstant: true } && !MetricDimensions.Known.Contains(dimension.Key.Constant)))
        {
            rules.Broken($"Dimension '{dimension.Key.Constant}' needs a value. Without one: {string.Join(", ", MetricDimensions.Known)}.");
        }
    }

    public override PolicyStep Compile(PolicyCompile compile) => context =>
    {
        var dimensions = new KeyValuePair<string, string>[Dimensions.Count];
        for (var i = 0; i < dimensions.Length; i++)
        {
            var dimension = Dimensions[i];
            var name = dimension.Key.Get(context);
            if ((dimension.Content?.Get(context) ?? MetricDimensions.ValueOf(name, context)) is not { } content)
            {
                return new(Flow.Fail(Error(500, "DimensionUnknown", $"Dimension '{name}' needs a value.") with { PublicMessage = null }));
            }

            dimensions[i] = new(name, content);
        }

        context.Services.EmitMetric(context, Space, Metric, Amount.Get(context), dimensions);
        return default;
    };

    internal sealed record Dimension : PolicyPart
    {
        [XmlAttribute("name")]
        public required Value<string> Key { get; init; }

        [XmlAttribute("value", AllowsEmpty = true)]
        public Value<string>? Content { get; init; }
    }
}

/// <summary>Dimensions that need no value.</summary>
internal static class MetricDimensions
{
    public static IReadOnlyList<string> Known { get; } = ["API ID", "Operation ID", "Product ID", "User ID", "Subscription ID", "Location", "Gateway ID"];

    /// <returns>Null for a name that is none of those.</returns>
    public static string? ValueOf(string name, PolicyContext context) => name switch
    {
        "API ID" => context.Api?.Id ?? "",
        "Operation ID" => context.Operation?.Id ?? "",
        "Product ID" => context.Product?.Id ?? "",
        "User ID" => context.User?.Id ?? "",
        "Subscription ID" => context.Subscription?.Id ?? "",
        "Location" => context.Deployment.Region ?? "",
        "Gateway ID" => context.Deployment.GatewayId ?? "",
        _ => null,
    };
}
