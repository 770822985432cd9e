using Microsoft.Extensions.Logging;
using Postern.Gateway.Backends;
using Postern.Snapshots;

namespace Postern.Gateway.Tests.Parts;

/// <summary>Backend entities for tests.</summary>
internal static class Backends
{
    private static readonly Dictionary<string, IReadOnlyList<string>> None = [];

    public static CircuitSignals Signals(TimeProvider time, ILogger logger) =>
        new(time, new(new(1_000_000, _ => 1, _ => 1, () => { }), time), logger);

    public static BackendSnapshot Single(string id, Uri address, params CircuitRuleSnapshot[] rules) =>
        new(id, address.ToString(), "http", None, None, null, null, true, true) { CircuitRules = rules.Length == 0 ? null : rules };

    public static BackendSnapshot Pool(string id, params PoolMemberSnapshot[] members) =>
        new(id, "", "http", None, None, null, null, true, true) { Pool = new(members, null, null) };

    public static PoolMemberSnapshot Member(string id, int? weight = null, int? priority = null) => new(id, weight, priority);

    /// <summary>Opens at the given number of answers from 500 on within ten seconds, for a minute.</summary>
    public static CircuitRuleSnapshot Rule(int? count = 1, double? percentage = null, bool acceptRetryAfter = false, int? failureStatus = null) =>
        new("rule", count, percentage, TimeSpan.FromSeconds(10), [new(500, 599)], [], TimeSpan.FromMinutes(1), acceptRetryAfter, failureStatus);

    /// <summary>An API whose requests go to a backend entity.</summary>
    public static IEnumerable<SnapshotEntity> Api(string backendId, string backend = "<forward-request />", string outbound = "", string inbound = "") =>
    [
        Entities.Api("echo", "echo", "http://unused.example"),
        Entities.Policy("apis/echo", $"<policies><inbound>{inbound}<set-backend-service backend-id=\"{backendId}\" /></inbound><backend>{backend}</backend><outbound>{outbound}</outbound><on-error><set-header name=\"X-Why\" exists-action=\"override\"><value>@(context.LastError.Reason)</value></set-header></on-error></policies>"),
    ];
}
