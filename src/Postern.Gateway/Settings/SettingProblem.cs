namespace Postern.Gateway.Settings;

/// <summary>What is wrong with one setting. Never holds the value of a secret setting.</summary>
/// <param name="Id">Diagnostic id, <c>G20x</c>.</param>
/// <param name="Name">The setting's published name.</param>
public sealed record SettingProblem(string Id, string Name, string Message)
{
    public override string ToString() => $"{Id}: setting '{Name}': {Message}";
}

/// <summary>The settings do not describe a gateway that can start.</summary>
public sealed class GatewaySettingsException(IReadOnlyList<SettingProblem> problems)
    : Exception(string.Join(Environment.NewLine, problems))
{
    public IReadOnlyList<SettingProblem> Problems { get; } = problems;
}
