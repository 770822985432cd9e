using System.CommandLine;
using Postern.Configuration.Folder;
using Postern.Configuration.Import;
using Postern.Configuration.Service;

namespace Postern.Commands;

/// <summary><c>postern config import</c>.</summary>
internal static class ConfigImportCommand
{
    /// <summary>Of a dry run that found differences; 1 says that something went wrong.</summary>
    private const int Differences = 2;

    public static Command Create()
    {
        var folder = new Argument<string>("folder") { Description = "Folder as 'postern config export' or APIOps wrote it" };
        var dry = new Option<bool>("--dry-run") { Description = "Print what would change and write nothing; exit code 2 when something would" };
        var delete = new Option<bool>("--delete") { Description = "Also delete what the folder does not have" };
        var restore = new Option<bool>("--restore") { Description = "Also write back what a service sets by itself: dates, gateway keys (Postern only)" };
        var overrides = new Option<string[]>("--configuration") { Description = "Overriding files (configuration.yaml of APIOps), later ones over earlier ones", AllowMultipleArgumentsPerToken = true };
        var target = new ConfigTarget();
        var command = new Command("import", "Bring a service to what a folder says; exit code 1 when something could not be written") { folder, dry, delete, restore, overrides };
        target.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            try
            {
                var path = parsed.GetValue(folder)!;
                var secrets = Path.Combine(path, FolderLayout.SecretsFile);
                string[] files = [.. File.Exists(secrets) ? [secrets] : (string[])[], .. parsed.GetValue(overrides) ?? []];
                var options = new ImportOptions(path, files, parsed.GetValue(delete), parsed.GetValue(restore), target.Parallel(parsed));
                var service = files.Select(file => Overrides.ServiceOf(Overrides.Read(file))).LastOrDefault(name => name is not null);
                return await RunAsync(target.Read(parsed, service), options, parsed.GetValue(dry), cancellation);
            }
            catch (Exception failure) when (ConfigCommand.IsExpected(failure))
            {
                await Console.Error.WriteLineAsync($"postern config import: {failure.Message}");
                return 1;
            }
        });
        return command;
    }

    private static async Task<int> RunAsync(ServiceConnection connection, ImportOptions options, bool dry, CancellationToken cancellation)
    {
        using var client = new ServiceClient(connection, TimeProvider.System);
        var planner = new ImportPlanner(new(client, options.Parallel), options);
        planner.ReadFolder();
        if (planner.IsReadable && await client.GetAsync("", cancellation) is { IsSuccess: false } answer)
        {
            throw new ServiceException($"{connection.ServiceId} at {connection.Management} can't be read. {answer.Error()}");
        }

        var plan = await planner.PlanAsync(cancellation);
        var printer = new PlanPrinter(Console.Out);
        printer.Notes(plan.Notes);
        if (plan.Problems.Count > 0)
        {
            foreach (var problem in plan.Problems)
            {
                await Console.Error.WriteLineAsync(problem.ToString());
            }

            await Console.Error.WriteLineAsync($"postern config import: {plan.Problems.Count} {(plan.Problems.Count == 1 ? "problem" : "problems")}; nothing was written.");
            return 1;
        }

        printer.Print(plan);
        if (dry)
        {
            await Console.Out.WriteLineAsync($"{PlanPrinter.Summary(plan)} Nothing was written.");
            return plan.Steps.Count == 0 ? 0 : Differences;
        }

        var outcome = await new ImportRun(new(client, options.Restore, planner.Paths), plan, options.Parallel).RunAsync(cancellation);
        printer.Notes(outcome.Notes);
        printer.Print(outcome, plan.Unchanged);
        return outcome.Failed.Count == 0 ? 0 : 1;
    }
}
