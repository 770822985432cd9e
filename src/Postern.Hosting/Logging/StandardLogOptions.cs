using Microsoft.Extensions.Logging;

namespace Postern.Hosting.Logging;

public enum StandardLogFormat
{
    None,
    Text,
    Json,
}

/// <summary>How records go to the standard stream.</summary>
/// <param name="Least">Records below it are not written.</param>
/// <param name="Color">ANSI colour around text records; JSON is never coloured.</param>
public sealed record StandardLogOptions(StandardLogFormat Format, LogLevel Least, bool Color);
