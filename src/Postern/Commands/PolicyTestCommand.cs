using System.CommandLine;
using Postern.Policies.Testing;

namespace Postern.Commands;

/// <summary><c>postern policy test</c>: runs the case files that somebody wrote for their documents.</summary>
internal static class PolicyTestCommand
{
    public static Command Create()
    {
        var paths = new Argument<string[]>("paths") { Description = "Folders with *.case files, or case files (docs/policy-cases.md)", Arity = ArgumentArity.OneOrMore };
        var test = new Command("test", "Run policy cases; exit code 1 when one fails or there is none") { paths };
        test.SetAction((parsed, cancellation) => RunAsync(parsed.GetValue(paths)!, cancellation));
        return test;
    }

    private static async Task<int> RunAsync(IEnumerable<string> paths, CancellationToken cancellation)
    {
        var (passed, failed, empty) = (0, 0, false);
        foreach (var path in paths)
        {
            var files = Directory.Exists(path) ? Directory.GetFiles(path, "*.case", SearchOption.AllDirectories) : File.Exists(path) ? [path] : [];
            Array.Sort(files, StringComparer.Ordinal);
            if (files.Length == 0)
            {
                empty = true;
                await Console.Error.WriteLineAsync(Directory.Exists(path) ? $"{path}: there is no *.case file in this folder" : $"{path}: there is no such file or folder");
            }

            foreach (var file in files)
            {
                cancellation.ThrowIfCancellationRequested();
                var failures = await FailuresAsync(file);
                _ = failures.Count == 0 ? passed++ : failed++;
                foreach (var failure in failures)
                {
                    await Console.Out.WriteLineAsync($"{Path.GetRelativePath(".", file)}: {failure}");
                }
            }
        }

        await Console.Out.WriteLineAsync($"{passed} passed, {failed} failed");
        return failed == 0 && passed > 0 && !empty ? 0 : 1;
    }

    /// <summary>Whatever a file makes the runner stumble over is the file's failure, not the command's.</summary>
    private static async Task<IReadOnlyList<string>> FailuresAsync(string file)
    {
        try
        {
            return await PolicyCaseRunner.RunAsync(PolicyCase.Load(file));
        }
        catch (Exception problem)
        {
            return [$"the case can't be run: {problem.Message}"];
        }
    }
}
