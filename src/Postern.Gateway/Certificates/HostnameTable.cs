using System.Collections.Frozen;
using System.Globalization;
using Postern.Gateway.State;
using Postern.Snapshots;

namespace Postern.Gateway.Certificates;

/// <summary>The gateway's host names: exact ones first, then <c>*.</c> names from the longest to the shortest, then <c>*</c>.</summary>
internal sealed class HostnameTable
{
    private static readonly IdnMapping Idn = new() { AllowUnassigned = true };

    private readonly FrozenDictionary<string, HostnameState> _exact;
    private readonly FrozenDictionary<string, HostnameState> _below;
    private readonly HostnameState? _any;

    private HostnameTable(IReadOnlyCollection<HostnameState> all)
    {
        All = all;
        NegotiatesClientCertificates = all.Any(state => state.NegotiatesClientCertificate);
        _exact = Index(all.Where(state => !state.Snapshot.Hostname.StartsWith('*')), 0);
        _below = Index(all.Where(state => state.Snapshot.Hostname.StartsWith("*.", StringComparison.Ordinal)), 2);
        _any = all.FirstOrDefault(state => state.Snapshot.Hostname == "*");
    }

    public IReadOnlyCollection<HostnameState> All { get; }

    /// <summary>False: nothing has to be looked up for a request.</summary>
    public bool NegotiatesClientCertificates { get; }

    /// <param name="host">As the handshake or the <c>Host</c> header names it, without port.</param>
    /// <returns>Null when nothing fits: the default certificate stands.</returns>
    public HostnameState? Find(string? host)
    {
        if (All.Count == 0 || Plain(host) is not { Length: > 0 } name)
        {
            return _any;
        }

        if (_exact.TryGetValue(name, out var exact))
        {
            return exact;
        }

        for (var dot = name.IndexOf('.', StringComparison.Ordinal); dot >= 0 && _below.Count > 0; dot = name.IndexOf('.', dot + 1))
        {
            if (_below.TryGetValue(name[(dot + 1)..], out var below))
            {
                return below;
            }
        }

        return _any;
    }

    /// <inheritdoc cref="CertificateStates.Compile"/>
    public static HostnameTable Compile(
        EntitySet entities, IReadOnlyDictionary<string, CertificateState> certificates, HostnameTable? previous, ServerTls tls, List<string> problems)
    {
        var states = new List<HostnameState>();
        foreach (var snapshot in entities.Of<HostnameSnapshot>().OrderBy(hostname => hostname.Id, StringComparer.Ordinal))
        {
            tls.CheckVersions(snapshot, problems);
            if (!certificates.TryGetValue(snapshot.CertificateId, out var certificate))
            {
                problems.Add($"G261: host name '{snapshot.Hostname}' is served with the default certificate: certificate '{snapshot.CertificateId}' is not there or cannot be used.");
                continue;
            }

            try
            {
                var known = previous?.All.FirstOrDefault(state => ReferenceEquals(state.Snapshot, snapshot) && ReferenceEquals(state.Certificate, certificate));
                states.Add(known ?? new(snapshot, certificate, tls));
            }
            catch (FormatException broken)
            {
                problems.Add($"G261: host name '{snapshot.Hostname}' is served with the default certificate: certificate '{snapshot.CertificateId}': {broken.Message}");
            }
        }

        return new(states);
    }

    private static FrozenDictionary<string, HostnameState> Index(IEnumerable<HostnameState> states, int skip)
    {
        var index = new Dictionary<string, HostnameState>(StringComparer.OrdinalIgnoreCase);
        foreach (var state in states)
        {
            if (Plain(state.Snapshot.Hostname[skip..]) is { } name)
            {
                index.TryAdd(name, state);
            }
        }

        return index.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);
    }

    /// <summary>The platform hands names of handshakes over in Unicode; headers carry them in ASCII.</summary>
    private static string? Plain(string? name)
    {
        var trimmed = name?.TrimEnd('.');
        if (string.IsNullOrEmpty(trimmed) || System.Text.Ascii.IsValid(trimmed))
        {
            return trimmed;
        }

        try
        {
            return Idn.GetAscii(trimmed);
        }
        catch (ArgumentException)
        {
            return null;
        }
    }
}
