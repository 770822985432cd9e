using System.Net;
using System.Net.Sockets;
using Postern.Policies.Expressions;
using Postern.Policies.Language;
using Postern.Policies.Runtime;

namespace Postern.Policies.BuiltIn;

[Policy("ip-filter", In.Inbound, Summary = "Lets callers in, or keeps them out, by address.")]
internal sealed record IpFilterPolicy : Policy, ILight
{
    [XmlAttribute("action", Summary = "What happens to callers that are listed.")]
    public required Value<FilterAction> Action { get; init; }

    [XmlChild("address", Summary = "One address.")]
    public IReadOnlyList<Value<string>> Addresses { get; init; } = [];

    [XmlChild("address-range", Summary = "A range, both ends included.")]
    public IReadOnlyList<AddressRange> Ranges { get; init; } = [];

    public override void Validate(PolicyRules rules)
    {
        rules.Check(Addresses.Count + Ranges.Count > 0, "An 'address' or 'address-range' is needed.");
        foreach (var address in Addresses.Where(address => address.IsConstant && Parse(address.Constant) is null))
        {
            rules.Broken($"'{address.Constant}' is not an IP address.");
        }
    }

    public override PolicyStep Compile(PolicyCompile compile)
    {
        var ranges = Addresses.Select(address => new Bounds(address, address)).Concat(Ranges.Select(range => new Bounds(range.From, range.To))).ToArray();
        return context =>
        {
            if (ParseCaller(context.Request.IpAddress) is not { } caller)
            {
                return new(Flow.Fail(Error(403, "FailedToParseCallerIP", "Failed to establish IP address for the caller. Access denied.")));
            }

            var allow = Action.Get(context) == FilterAction.Allow;
            var listed = false;
            foreach (var range in ranges)
            {
                listed |= range.Holds(context, caller);
            }

            return listed == allow ? default
                : new(Flow.Fail(allow
                    ? Error(403, "CallerIpNotAllowed", $"Caller IP address {context.Request.IpAddress} is not allowed. Access denied.")
                    : Error(403, "CallerIpBlocked", "Caller IP address is blocked. Access denied.")));
        };
    }

    /// <summary>An IPv4 address has four decimal numbers here: 10.1, or 010.0.0.1, would be another one than it looks like.</summary>
    private static IPAddress? Parse(string text)
    {
        text = text.Trim();
        return !IPAddress.TryParse(text, out var address) || (address.AddressFamily == AddressFamily.InterNetwork && address.ToString() != text) ? null : Plain(address);
    }

    /// <summary>What the gateway wrote needs no second look, which would cost every request a text.</summary>
    private static IPAddress? ParseCaller(string text) => IPAddress.TryParse(text, out var address) ? Plain(address) : null;

    private static IPAddress Plain(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;

    private static bool IsRange(IPAddress from, IPAddress to) => from.AddressFamily == to.AddressFamily && Compare(from, to) <= 0;

    private static int Compare(IPAddress a, IPAddress b)
    {
        Span<byte> left = stackalloc byte[16];
        Span<byte> right = stackalloc byte[16];
        a.TryWriteBytes(left, out var length);
        b.TryWriteBytes(right, out _);
        return left[..length].SequenceCompareTo(right[..length]);
    }

    internal sealed record AddressRange : PolicyPart
    {
        [XmlAttribute("from")]
        public required Value<string> From { get; init; }

        [XmlAttribute("to")]
        public required Value<string> To { get; init; }

        public override void Validate(PolicyRules rules)
        {
            if (From.IsConstant && To.IsConstant)
            {
                rules.Check(Parse(From.Constant) is { } from && Parse(To.Constant) is { } to && IsRange(from, to),
                    $"'{From.Constant}' to '{To.Constant}' is not a range of IP addresses.");
            }
        }
    }

    /// <summary>Constants are parsed once; an address computed wrongly is a failure, not a hole.</summary>
    private sealed class Bounds(Value<string> from, Value<string> to)
    {
        private readonly IPAddress? _from = from.IsConstant ? Parse(from.Constant) : null;
        private readonly IPAddress? _to = to.IsConstant ? Parse(to.Constant) : null;

        public bool Holds(PolicyContext context, IPAddress caller)
        {
            var low = _from ?? Parse(from.Get(context));
            var high = _to ?? Parse(to.Get(context));
            if (low is null || high is null || !IsRange(low, high))
            {
                throw new ExpressionFailedException(new FormatException("The value is not an IP address, or the range is none."));
            }

            return low.AddressFamily == caller.AddressFamily && Compare(low, caller) <= 0 && Compare(caller, high) <= 0;
        }
    }
}

internal enum FilterAction : byte
{
    Allow,
    Forbid,
}
