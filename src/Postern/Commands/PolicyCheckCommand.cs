using System.CommandLine;
using Postern.Policies;

namespace Postern.Commands;

/// <summary><c>postern policy check</c>: one line per problem, as compilers write them.</summary>
internal static class PolicyCheckCommand
{
    public static Command Create()
    {
        var paths = new Argument<string[]>("files") { Description = "Policy documents and fragments, or folders of *.xml files", Arity = ArgumentArity.OneOrMore };
        var scope = new Option<PolicyScope>("--scope") { Description = "Where the documents belong; a <fragment> is always a fragment", DefaultValueFactory = _ => PolicyScope.Api };
        var format = new Option<PolicyFormat>("--format") { Description = "How expressions stand in the XML", DefaultValueFactory = _ => PolicyFormat.RawXml };
        var names = Pairs("--named-value", "name=value for {{name}}; a name that is not given is a problem");
        var fragments = Pairs("--fragment", "id=FILE for include-fragment; fragments among the files checked go by their file names");
        var check = new Command("check", "Check policy documents; exit code 1 when one has a problem") { paths, scope, format, names, fragments };
        check.SetAction(parsed => Check(
            parsed.GetValue(paths)!, parsed.GetValue(scope), parsed.GetValue(format), PairsOf(parsed, names), PairsOf(parsed, fragments)));
        return check;
    }

    private static int Check(
        IEnumerable<string> paths, PolicyScope scope, PolicyFormat format, Dictionary<string, string> names, Dictionary<string, string> fragments)
    {
        var files = new PolicyFiles(format, names);
        foreach (var (id, path) in fragments)
        {
            files.AddFragment(id, path);
        }

        foreach (var path in paths)
        {
            files.Add(path, scope);
        }

        var problems = 0;
        foreach (var (path, source) in files.Documents)
        {
            foreach (var problem in PolicyReader.Validate(source, files))
            {
                problems++;
                Console.Out.WriteLine($"{path}:{problem.Line}:{problem.Column}: {problem.Id} {problem.Message}{(problem.Path.Length == 0 ? "" : $" [{problem.Path}]")}");
            }
        }

        foreach (var unread in files.Unread)
        {
            Console.Error.WriteLine(unread);
        }

        Console.Out.WriteLine($"{files.Documents.Count} checked, {problems} {(problems == 1 ? "problem" : "problems")}");
        return problems == 0 && files.Unread.Count == 0 ? 0 : 1;
    }

    private static Option<string[]> Pairs(string name, string description)
    {
        var option = new Option<string[]>(name) { Description = description, AllowMultipleArgumentsPerToken = true };
        option.Validators.Add(result =>
        {
            var keys = new HashSet<string>(StringComparer.Ordinal);
            foreach (var token in result.Tokens)
            {
                var key = token.Value.Split('=', 2)[0];
                if (key.Length == token.Value.Length || key.Length == 0)
                {
                    result.AddError($"{name} {token.Value}: write it as {description[..description.IndexOf(' ', StringComparison.Ordinal)]}");
                }
                else if (!keys.Add(key))
                {
                    result.AddError($"{name}: '{key}' is given twice");
                }
            }
        });
        return option;
    }

    private static Dictionary<string, string> PairsOf(ParseResult parsed, Option<string[]> option) =>
        (parsed.GetValue(option) ?? []).Select(pair => pair.Split('=', 2)).ToDictionary(pair => pair[0], pair => pair[1], StringComparer.Ordinal);
}
