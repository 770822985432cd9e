using Postern.Policies.Certificates;

namespace Postern.Policies.Runtime;

/// <summary>What policies need from the gateway that runs them. One seam, so that policies run in tests and in <c>policy test</c> too.</summary>
public interface IPolicyServices
{
    TimeProvider Time { get; }

    /// <summary>Counters of rate-limit and rate-limit-by-key.</summary>
    IRateCounters RateCounters { get; }

    /// <summary>
    /// Sends <see cref="PolicyContext.Request"/> to <see cref="PolicyRequest.Backend"/> and puts status, headers and the unread body
    /// into <see cref="PolicyContext.Response"/>.
    /// </summary>
    /// <returns><see cref="Flow.Continue"/>, or a failure with reason <c>Timeout</c>, <c>BackendConnectionFailure</c> or <c>ClientConnectionFailure</c>.</returns>
    ValueTask<Flow> ForwardAsync(PolicyContext context, in ForwardOptions options);

    /// <summary>The base address of a backend entity, for a pool that of its first member; null when there is none of that id.</summary>
    Uri? FindBackend(string backendId);

    /// <summary>What <c>context.Backend</c> says of a backend entity; null when this host knows no more than the id.</summary>
    Expressions.IBackend? FindBackendEntity(string backendId) => null;

    /// <summary>Where a logger entity of kind azureEventHub sends its events; null when there is none of that id.</summary>
    EventHubLogger? FindEventHub(string loggerId) => null;

    /// <summary>A schema entity of the service, or of the API being called; null when there is none of that id.</summary>
    SchemaDocument? FindSchema(PolicyContext context, string schemaId) => null;

    /// <summary>What requests share beyond rate counters; null when this host has none: policies that need them then fail.</summary>
    PolicyResources? Resources => null;

    /// <summary>The external cache that the service names for this gateway; null when it names none.</summary>
    IPolicyCache? ExternalCache => null;

    /// <summary>What <see cref="ForwardAsync"/> honours beyond the request itself. Policies that need more fail closed.</summary>
    BackendFeatures BackendFeatures => BackendFeatures.None;

    /// <summary>How certificates of callers are judged.</summary>
    CertificateTrust CertificateTrust => CertificateTrust.System;

    /// <summary>What the API's definition says about the operation being called; null when nothing is known.</summary>
    OperationDescription? Describe(PolicyContext context) => null;

    /// <summary>A value of the emit-metric policy.</summary>
    void EmitMetric(PolicyContext context, string space, string name, double value, IReadOnlyList<KeyValuePair<string, string>> dimensions) =>
        Trace(context, "emit-metric", string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{space}/{name} {value}"));

    /// <summary>Where the Dapr sidecar listens: <c>http://localhost:3500</c> unless the deployment says otherwise.</summary>
    Uri DaprSidecar => new("http://localhost:3500");

    /// <summary>A policy's trace message or warning, with where it came from.</summary>
    void Trace(PolicyContext context, string source, string message);

    /// <summary>The trace policy's message.</summary>
    void Trace(PolicyContext context, string source, TraceSeverity severity, string message, IReadOnlyList<KeyValuePair<string, string>> properties) =>
        Trace(context, source, message);
}

/// <summary>Severity of a trace message, least first.</summary>
public enum TraceSeverity : byte
{
    Verbose,
    Information,
    Error,
}

/// <param name="Timeout">Until the response's headers; <see cref="System.Threading.Timeout.InfiniteTimeSpan"/> for none.</param>
/// <param name="ContinueTimeout">The body waits for the backend's 100 Continue, so long at most; null to send it at once.</param>
/// <param name="BufferRequestBody">The body is read into memory first, so that it can be sent again.</param>
public readonly record struct ForwardOptions(TimeSpan Timeout, TimeSpan? ContinueTimeout, HttpVersionRule HttpVersion, bool FollowRedirects, bool BufferRequestBody);

[Flags]
public enum BackendFeatures : byte
{
    None = 0,

    /// <summary><see cref="PolicyRequest.BackendProxy"/>.</summary>
    Proxy = 1,

    /// <summary><see cref="PolicyRequest.BackendCertificate"/>.</summary>
    ClientCertificate = 2,
}

public enum HttpVersionRule : byte
{
    One,
    TwoOrOne,
    Two,
}

/// <summary>Sliding-window counters, shared by all requests of this process.</summary>
public interface IRateCounters
{
    /// <summary>Counts a call when it still fits, and nobody else in between; a refused call takes no slot.</summary>
    /// <param name="key">Interned or cached by the caller: looking up must not allocate.</param>
    /// <param name="count">For how many it counts. It fits when one does.</param>
    RateDecision TryTake(string key, int calls, TimeSpan period, DateTimeOffset now, int count = 1);

    /// <summary>Tells whether a call would fit and what would then be left, without counting it.</summary>
    RateDecision Look(string key, int calls, TimeSpan period, DateTimeOffset now);

    /// <summary>Counts afterwards, whether it fits or not: increments that wait for the response.</summary>
    void Add(string key, int calls, TimeSpan period, DateTimeOffset now, int count);
}

/// <param name="Remaining">Calls still allowed in the window after this one; never negative.</param>
/// <param name="RetryAfterSeconds">When refused: whole seconds until a call fits again, at least 1.</param>
public readonly record struct RateDecision(bool Allowed, int Remaining, int RetryAfterSeconds);
