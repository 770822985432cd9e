using System.CommandLine;
using Postern.Policies;

namespace Postern.Commands;

/// <summary><c>postern policy check</c>: what the management API would say about documents, without a service.</summary>
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
        return new Command("policy", "Work with policy documents") { check };
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
