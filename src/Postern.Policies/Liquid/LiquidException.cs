namespace Postern.Policies.Liquid;

/// <summary>A template that can't be read, or that does something impossible while it is rendered.</summary>
internal sealed class LiquidException(string message) : Exception(message);
