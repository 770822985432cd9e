using System.Globalization;
using System.Net;

namespace Postern.Gateway.Forwarding;

/// <summary>
/// <c>NO_PROXY</c> as Kubernetes and the usual tools write it: names stand for themselves and what is below them, with or without a dot or
/// <c>*.</c> in front; addresses; networks such as <c>10.0.0.0/8</c>; any of them with a port; <c>*</c> for everything.
/// </summary>
internal sealed class NoProxyList
{
    private readonly List<(string Name, int? Port)> _names = [];
    private readonly List<IPNetwork> _networks = [];
    private readonly bool _everything;

    public NoProxyList(string text)
    {
        foreach (var entry in text.Split([',', ' ', ';'], StringSplitOptions.RemoveEmptyEntries))
        {
            if (entry == "*")
            {
                _everything = true;
            }
            else if (IPNetwork.TryParse(entry, out var network))
            {
                _networks.Add(network);
            }
            else if (IPAddress.TryParse(entry, out var address))
            {
                _names.Add((address.ToString(), null));
            }
            else
            {
                var colon = entry.LastIndexOf(':');
                var port = colon > 0 && int.TryParse(entry.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : (int?)null;
                var name = port is null ? entry : entry[..colon];
                _names.Add((name.StartsWith("*.", StringComparison.Ordinal) ? name[2..] : name.Trim('.', '[', ']'), port));
            }
        }
    }

    public bool Holds(string host, int port)
    {
        host = host.Trim('[', ']');
        if (_everything)
        {
            return true;
        }

        if (IPAddress.TryParse(host, out var address))
        {
            host = address.ToString();
            foreach (var network in _networks)
            {
                if (network.Contains(address))
                {
                    return true;
                }
            }
        }

        foreach (var (name, only) in _names)
        {
            if ((only is null || only == port) && host.EndsWith(name, StringComparison.OrdinalIgnoreCase)
                && (host.Length == name.Length || (address is null && host[^(name.Length + 1)] == '.')))
            {
                return true;
            }
        }

        return false;
    }
}
