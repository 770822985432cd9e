using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Postern.Policies.Expressions;
using Postern.Policies.Reading;

namespace Postern.Policies;

/// <summary>
/// Compiles documents, each once: a document whose text, named values and fragments are as before is taken from the previous
/// time, so a change costs only what changed. Safe for concurrent use. Never throws on any text.
/// </summary>
public sealed partial class PolicyCompiler
{
    /// <summary>
    /// Documents that share an assembly when they arrive together. Its memory is free once none of them is in use; a document that changes
    /// later gets one of its own.
    /// </summary>
    private const int MostTogether = 64;

    private readonly ConcurrentDictionary<string, WeakReference<CompiledPolicy>> _known = new(StringComparer.Ordinal);

    /// <summary>Documents compiled so far, those found unchanged not counted.</summary>
    public int CompiledCount => _compiledCount;

    private int _compiledCount;

    /// <summary>Compiles all, using every processor. Broken documents are in the result too and fail closed when they are run.</summary>
    public CompiledPolicies Compile(IEnumerable<PolicySource> sources, IPolicyReferences references, CancellationToken cancellation = default)
    {
        var result = new ConcurrentDictionary<string, CompiledPolicy>(StringComparer.Ordinal);
        var unknown = new ConcurrentBag<(PolicySource Source, string Key)>();
        CompilerThreads.Run([.. sources.Chunk(256)], cancellation, chunk =>
        {
            foreach (var source in chunk)
            {
                var key = KeyOf(source, references);
                if (Known(key) is { } known)
                {
                    result[source.Name] = known;
                }
                else
                {
                    unknown.Add((source, key));
                }
            }
        });
        var size = Math.Clamp((unknown.Count + Environment.ProcessorCount - 1) / Environment.ProcessorCount, 1, MostTogether);
        CompilerThreads.Run([.. unknown.OrderBy(document => document.Source.Name, StringComparer.Ordinal).Chunk(size)], cancellation, batch =>
        {
            var compiled = CompileAnew([.. batch.Select(document => document.Source)], references);
            for (var i = 0; i < batch.Length; i++)
            {
                _known[batch[i].Key] = new(compiled[i]);
                result[batch[i].Source.Name] = compiled[i];
            }
        });
        Forget();
        return new(result);
    }

    public CompiledPolicy Compile(PolicySource source, IPolicyReferences references)
    {
        var key = KeyOf(source, references);
        if (Known(key) is { } known)
        {
            return known;
        }

        var compiled = CompileAnew([source], references)[0];
        _known[key] = new(compiled);
        return compiled;
    }

    private CompiledPolicy? Known(string key) => _known.TryGetValue(key, out var reference) && reference.TryGetTarget(out var known) ? known : null;

    private CompiledPolicy[] CompileAnew(IReadOnlyList<PolicySource> sources, IPolicyReferences references)
    {
        var read = sources.Select(source =>
        {
            var problems = new PolicyProblems();
            return (Source: source, Document: DocumentReader.Read(source, references, problems), Problems: problems);
        }).ToList();
        ExpressionCompiler.CompileAll([.. read
            .Where(one => one.Document is { Expressions.Count: > 0 })
            .Select(one => (one.Document!.Expressions, one.Problems))]);
        Interlocked.Add(ref _compiledCount, sources.Count);
        return [.. read.Select(one =>
        {
            var diagnostics = one.Problems.ToList();
            return one.Document is null || HasBroken(diagnostics) ? CompiledPolicy.Broken(one.Source, diagnostics) : CompiledPolicy.From(one.Source, one.Document, diagnostics);
        })];
    }

    /// <summary>A policy that can't run spoils its own step; anything else makes the meaning of the document doubtful.</summary>
    private static bool HasBroken(IEnumerable<PolicyDiagnostic> diagnostics) =>
        diagnostics.Any(diagnostic => diagnostic.Id is not (PolicyDiagnostics.UnknownPolicy or PolicyDiagnostics.UnsupportedPolicy));

    /// <summary>Hash of all that the result depends on: the document, and what it refers to.</summary>
    private static string KeyOf(PolicySource source, IPolicyReferences references)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var text = Substitute(source.Text, references);
        hash.AppendData(Encoding.UTF8.GetBytes($"{source.Scope}\0{source.Name}\0{source.Format}\0{text}"));
        AppendFragments(hash, text, references);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>Fragments of fragments too, each once: what circles and how deep the chain is follows from these texts.</summary>
    private static void AppendFragments(IncrementalHash hash, string text, IPolicyReferences references)
    {
        HashSet<string>? seen = null;
        List<string>? open = null;
        for (var i = 0; ; i++)
        {
            foreach (var match in FragmentId().EnumerateMatches(text))
            {
                var attribute = text.AsSpan(match.Index, match.Length);
                var id = attribute[(attribute.IndexOfAny('"', '\'') + 1)..^1].Trim().ToString();
                if ((seen ??= new(StringComparer.Ordinal)).Add(id) && references.FindFragment(id) is { } fragment)
                {
                    var included = Substitute(fragment.Text, references);
                    hash.AppendData(Encoding.UTF8.GetBytes($"\0{id}\0{fragment.Format}\0{included}"));
                    (open ??= []).Add(included);
                }
            }

            if (open is null || i >= open.Count)
            {
                return;
            }

            text = open[i];
        }
    }

    private static string Substitute(string text, IPolicyReferences references) =>
        text.Contains("{{", StringComparison.Ordinal) ? NamedValueSubstitution.Apply(text, references).Text : text;

    private void Forget()
    {
        foreach (var (key, reference) in _known)
        {
            if (!reference.TryGetTarget(out _))
            {
                _known.TryRemove(key, out _);
            }
        }
    }

    [GeneratedRegex("""fragment-id\s*=\s*(?:"[^"]*"|'[^']*')""", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex FragmentId();
}
