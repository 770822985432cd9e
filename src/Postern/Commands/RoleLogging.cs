using Microsoft.Extensions.Logging;
using Postern.Gateway.Settings;
using Postern.Hosting.Logging;

namespace Postern.Commands;

/// <summary>Loggers of the roles: the product's formats on a standard stream.</summary>
internal static class RoleLogging
{
    /// <summary>As the published <c>telemetry.logs.std*</c> settings say, on standard output.</summary>
    public static ILoggerFactory Create(LogSettings settings) => Create(
        new StandardLogOptions(Format(settings.Standard), Least(settings.Level), settings.Color), Console.OpenStandardOutput());

    /// <summary>Text from information up, without colour unless a person watches.</summary>
    public static ILoggerFactory CreateDefault() => Create(
        new StandardLogOptions(StandardLogFormat.Text, LogLevel.Information, !Console.IsOutputRedirected), Console.OpenStandardOutput());

    /// <summary>For <c>postern up</c>: standard output is the greeting's, warnings go to standard error.</summary>
    public static ILoggerFactory CreateQuiet() => Create(
        new StandardLogOptions(StandardLogFormat.Text, LogLevel.Warning, !Console.IsErrorRedirected), Console.OpenStandardError());

    private static ILoggerFactory Create(StandardLogOptions options, Stream output) => LoggerFactory.Create(logging => logging
        .SetMinimumLevel(options.Least)
        .AddFilter("Microsoft", LogLevel.Warning)
        .AddFilter("Microsoft.AspNetCore.Antiforgery", LogLevel.Error)
        .AddFilter("System.Net.Http", LogLevel.Warning)
        .AddProvider(new StandardLoggerProvider(options, output, TimeProvider.System)));

    private static StandardLogFormat Format(StandardLog log) => log switch
    {
        StandardLog.Json => StandardLogFormat.Json,
        StandardLog.Text => StandardLogFormat.Text,
        _ => StandardLogFormat.None,
    };

    private static LogLevel Least(StandardLogLevel level) => level switch
    {
        StandardLogLevel.All => LogLevel.Trace,
        StandardLogLevel.Debug => LogLevel.Debug,
        StandardLogLevel.Warn => LogLevel.Warning,
        StandardLogLevel.Error => LogLevel.Error,
        StandardLogLevel.Fatal => LogLevel.Critical,
        _ => LogLevel.Information,
    };
}
