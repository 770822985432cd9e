using System.Text.RegularExpressions;
using Postern.Policies;

namespace Postern.Commands;

/// <summary>The documents that a command was given, and what they may refer to.</summary>
internal sealed partial class PolicyFiles(PolicyFormat format, IReadOnlyDictionary<string, string> namedValues) : IPolicyReferences
{
    private readonly List<(string Path, PolicySource Source)> _documents = [];
    private readonly List<string> _unread = [];
    private readonly Dictionary<string, PolicySource> _fragments = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>In the order in which they were given; those of a folder by name.</summary>
    public IReadOnlyList<(string Path, PolicySource Source)> Documents => _documents;

    /// <summary>Why a path has no documents.</summary>
    public IReadOnlyList<string> Unread => _unread;

    public string? FindNamedValue(string name) => namedValues.GetValueOrDefault(name);

    public PolicySource? FindFragment(string id) => _fragments.GetValueOrDefault(id);

    /// <param name="path">A file, or a folder whose *.xml files are meant, at any depth.</param>
    public void Add(string path, PolicyScope scope)
    {
        if (!Directory.Exists(path))
        {
            AddFile(path, scope);
            return;
        }

        var files = Directory.GetFiles(path, "*.xml", SearchOption.AllDirectories);
        Array.Sort(files, StringComparer.Ordinal);
        if (files.Length == 0)
        {
            _unread.Add($"{path}: there is no *.xml file in this folder");
        }

        foreach (var file in files)
        {
            AddFile(file, scope);
        }
    }

    public void AddFragment(string id, string path)
    {
        if (Read(path) is { } text)
        {
            _fragments[id] = new(PolicyScope.Fragment, id, format, text);
        }
    }

    private void AddFile(string path, PolicyScope scope)
    {
        if (Read(path) is not { } text)
        {
            return;
        }

        var name = Path.GetFileNameWithoutExtension(path);
        var source = new PolicySource(IsFragment().IsMatch(text) ? PolicyScope.Fragment : scope, name, format, text);
        _documents.Add((path, source));
        if (source.Scope == PolicyScope.Fragment)
        {
            _fragments.TryAdd(name, source);
        }
    }

    private string? Read(string path)
    {
        try
        {
            if (File.Exists(path))
            {
                return File.ReadAllText(path);
            }

            _unread.Add($"{path}: there is no such file");
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            _unread.Add($"{path}: it can't be read: {problem.Message}");
        }

        return null;
    }

    [GeneratedRegex(@"\A\uFEFF?(?:\s|<\?.*?\?>|<!--.*?-->)*<fragment[\s/>]", RegexOptions.Singleline | RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex IsFragment();
}
