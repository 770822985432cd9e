using System.CommandLine;
using Postern.Policies;
using Postern.Policies.Testing;

namespace Postern.Commands;

/// <summary><c>postern policy</c>: what the management API would say about documents, and what they do, without a service.</summary>
internal static class PolicyCommand
{
    public static Command Create()
    {
        var files = new Argument<FileInfo[]>("files") { Description = "Policy documents", Arity = ArgumentArity.OneOrMore };
        var scope = new Option<PolicyScope>("--scope") { Description = "Where the documents belong", DefaultValueFactory = _ => PolicyScope.Api };
        var format = new Option<PolicyFormat>("--format") { Description = "How expressions stand in the XML", DefaultValueFactory = _ => PolicyFormat.RawXml };
        var names = new Option<string[]>("--named-value")
        {
            Description = "name=value for {{name}}; a name that is not given is a problem",
            AllowMultipleArgumentsPerToken = true,
        };
        var check = new Command("check", "Check policy documents; exit code 1 when one has a problem") { files, scope, format, names };
        check.SetAction(parsed => Check(
            parsed.GetValue(files)!, parsed.GetValue(scope), parsed.GetValue(format), new GivenReferences(parsed.GetValue(names) ?? [])));
        var folder = new Argument<DirectoryInfo>("folder") { Description = "Folder with *.case files (docs/policy-cases.md)" };
        var test = new Command("test", "Run the policy cases below a folder; exit code 1 when one fails or there is none") { folder };
        test.SetAction((parsed, _) => TestAsync(parsed.GetValue(folder)!));
        return new Command("policy", "Work with policy documents, without a service") { check, test };
    }

    private static int Check(IEnumerable<FileInfo> files, PolicyScope scope, PolicyFormat format, IPolicyReferences references)
    {
        var wrong = false;
        foreach (var file in files)
        {
            if (!file.Exists)
            {
                Console.Error.WriteLine($"{file}: there is no such file");
                wrong = true;
                continue;
            }

            foreach (var problem in PolicyReader.Validate(new PolicySource(scope, file.Name, format, File.ReadAllText(file.FullName)), references))
            {
                Console.Out.WriteLine($"{file}:{problem.Line}:{problem.Column}: {problem.Id} {problem.Message}");
                wrong = true;
            }
        }

        return wrong ? 1 : 0;
    }

    private static async Task<int> TestAsync(DirectoryInfo folder)
    {
        if (!folder.Exists)
        {
            await Console.Error.WriteLineAsync($"{folder}: there is no such folder");
            return 1;
        }

        var (passed, failed) = (0, 0);
        foreach (var file in folder.EnumerateFiles("*.case", SearchOption.AllDirectories).OrderBy(file => file.FullName, StringComparer.Ordinal))
        {
            IReadOnlyList<string> failures;
            try
            {
                failures = await PolicyCaseRunner.RunAsync(PolicyCase.Load(file.FullName));
            }
            catch (Exception broken) when (broken is IOException or FormatException or InvalidDataException)
            {
                failures = [broken.Message];
            }

            passed += failures.Count == 0 ? 1 : 0;
            failed += failures.Count == 0 ? 0 : 1;
            foreach (var failure in failures)
            {
                await Console.Out.WriteLineAsync($"{Path.GetRelativePath(".", file.FullName)}: {failure}");
            }
        }

        await Console.Out.WriteLineAsync($"{passed} passed, {failed} failed");
        return failed == 0 && passed > 0 ? 0 : 1;
    }

    /// <summary>Named values as given on the command line. Fragments live in a service, so including one is a problem here.</summary>
    private sealed class GivenReferences : IPolicyReferences
    {
        private readonly Dictionary<string, string> _values;

        public GivenReferences(IEnumerable<string> pairs) => _values = pairs
            .Select(pair => pair.Split('=', 2))
            .ToDictionary(pair => pair[0], pair => pair.Length == 2 ? pair[1] : "", StringComparer.Ordinal);

        public string? FindNamedValue(string name) => _values.GetValueOrDefault(name);

        public PolicySource? FindFragment(string id) => null;
    }
}
