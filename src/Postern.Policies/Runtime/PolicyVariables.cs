using System.Collections;
using System.Diagnostics.CodeAnalysis;

namespace Postern.Policies.Runtime;

/// <summary>Variables of one request: few, so a linear list beats a dictionary and is reused without allocation.</summary>
public sealed class PolicyVariables : IReadOnlyDictionary<string, object?>
{
    private (string Name, object? Value)[] _items = new (string, object?)[8];
    private int _count;
    private Lock? _shared;

    /// <summary>True while several branches of <c>wait</c> run at once: then access takes turns.</summary>
    public bool Shared
    {
        get => _shared is not null;
        internal set => _shared = value ? new Lock() : null;
    }

    public int Count => _count;

    public IEnumerable<string> Keys => this.Select(pair => pair.Key);

    public IEnumerable<object?> Values => this.Select(pair => pair.Value);

    /// <summary>Null when there is no such variable, as in the product.</summary>
    public object? this[string key] => TryGetValue(key, out var value) ? value : null;

    public void Set(string name, object? value)
    {
        if (_shared is { } shared)
        {
            lock (shared)
            {
                SetAlone(name, value);
            }
        }
        else
        {
            SetAlone(name, value);
        }
    }

    private void SetAlone(string name, object? value)
    {
        for (var i = 0; i < _count; i++)
        {
            if (string.Equals(_items[i].Name, name, StringComparison.Ordinal))
            {
                _items[i].Value = value;
                return;
            }
        }

        if (_count == _items.Length)
        {
            Array.Resize(ref _items, _count * 2);
        }

        _items[_count++] = (name, value);
    }

    public bool ContainsKey(string key) => TryGetValue(key, out _);

    public bool TryGetValue(string key, [MaybeNullWhen(false)] out object? value)
    {
        if (_shared is { } shared)
        {
            lock (shared)
            {
                return TryGetAlone(key, out value);
            }
        }

        return TryGetAlone(key, out value);
    }

    private bool TryGetAlone(string key, [MaybeNullWhen(false)] out object? value)
    {
        for (var i = 0; i < _count; i++)
        {
            if (string.Equals(_items[i].Name, key, StringComparison.Ordinal))
            {
                value = _items[i].Value;
                return true;
            }
        }

        value = null;
        return false;
    }

    public void Clear()
    {
        Array.Clear(_items, 0, _count);
        _count = 0;
    }

    public IEnumerator<KeyValuePair<string, object?>> GetEnumerator()
    {
        for (var i = 0; i < _count; i++)
        {
            yield return new(_items[i].Name, _items[i].Value);
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
