using System.CommandLine;
using Postern.Gateway.Doctor;
using Postern.Gateway.Settings;
using Postern.Hosting.Tls;

namespace Postern.Commands;

/// <summary><c>postern doctor</c>: why a gateway with these settings does not get its configuration.</summary>
internal static class DoctorCommand
{
    public static Command Create()
    {
        var settings = new Option<FileInfo?>("--settings") { Description = "Docker env-file with the gateway's settings; it overrides the environment" };
        var command = new Command("doctor", "Walk the chain from a gateway's settings to its configuration and name the first broken link; exit code 1 when there is one") { settings };
        command.SetAction((parsed, cancellation) => RunAsync(parsed.GetValue(settings), cancellation));
        return command;
    }

    private static async Task<int> RunAsync(FileInfo? file, CancellationToken cancellation)
    {
        GatewaySettings settings;
        try
        {
            settings = GatewaySettings.Read(RoleSettings.Read(file).Values);
        }
        catch (Exception failure) when (failure is GatewaySettingsException or FormatException or IOException)
        {
            await Console.Out.WriteLineAsync($"✗ settings\n{failure.Message}");
            return 1;
        }

        var sound = true;
        var roots = settings.LocalCaPath is { } path
            ? TrustedRoots.FromPath(path, (file, why) =>
            {
                sound = false;
                Console.Out.WriteLine($"✗ local authorities: '{file}': {why} (G265)");
            })
            : TrustedRoots.System;
        await foreach (var finding in new GatewayDoctor(settings, roots, TimeProvider.System).ExamineAsync(cancellation))
        {
            await Console.Out.WriteLineAsync(finding.Sound
                ? $"✓ {finding.Link}: {finding.Detail}"
                : $"✗ {finding.Link}: {finding.Detail} ({finding.Diagnostic})\n  {finding.Cure}");
            sound &= finding.Sound;
        }

        return sound ? 0 : 1;
    }
}
