using System.Diagnostics;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Http;

namespace Postern.Policies.Runtime;

/// <summary>
/// One request as the policies work on it. The gateway owns and pools it; policies change it in place. Expressions see it
/// through the documented <c>context</c> object only (<c>Expressions/</c>).
/// </summary>
public sealed class PolicyContext
{
    public Guid RequestId { get; set; }

    public DateTimeOffset Timestamp { get; set; }

    /// <summary><see cref="Stopwatch"/> ticks at the first byte.</summary>
    public long StartTicks { get; set; }

    public PolicyRequest Request { get; } = new();

    public PolicyResponse Response { get; } = new();

    public PolicyVariables Variables { get; } = new();

    /// <summary>Null until routing matched.</summary>
    public IApi? Api { get; set; }

    public IOperation? Operation { get; set; }

    public IProduct? Product { get; set; }

    public ISubscription? Subscription { get; set; }

    public IUser? User { get; set; }

    public IDeployment Deployment { get; set; } = null!;

    /// <summary>Set while on-error runs.</summary>
    public PolicyError? LastError { get; set; }

    /// <summary>What policies need from the gateway.</summary>
    public IPolicyServices Services { get; set; } = null!;

    /// <summary>Cancelled when the caller goes away.</summary>
    public CancellationToken Aborted { get; set; }

    /// <summary>
    /// Headers that inbound policies owe the final response (remaining-calls, total-calls…); null or empty when there are none.
    /// The program puts them on before it returns.
    /// </summary>
    public List<KeyValuePair<string, string>>? ResponseStamps { get; set; }

    /// <summary>True when the caller asked for a trace and may have one: <c>context.Tracing</c>.</summary>
    public bool Tracing { get; set; }

    /// <summary>Null unless somebody wants to see how the policies run.</summary>
    public IStepObserver? Observer { get; set; }

    /// <summary>What expressions see of this request; made once per pooled context.</summary>
    internal Expressions.ExpressionContext Expression => field ??= new Expressions.ExpressionContext(this);

    /// <summary>What policies do when the response is settled: late counting, cross-origin headers. Runs in order, once.</summary>
    internal List<PolicyStep>? AtEnd { get; set; }

    /// <summary>What cache-lookup found; telemetry tells it.</summary>
    public CacheOutcome CacheOutcome { get; set; }

    /// <summary><see cref="Stopwatch"/> ticks spent on asking caches for responses.</summary>
    public long CacheTicks { get; set; }

    /// <summary>What cache-lookup asked for, so that cache-store can keep the answer in the same cache under the same key.</summary>
    internal Caching.CacheQuestion? CacheQuestion { get; set; }

    /// <summary>Who wants to know how many bytes went through: bandwidth quotas.</summary>
    private List<Action<long>>? _transferWatchers;

    /// <summary>Counters that this request has counted already, and by how much; a key is counted once per request.</summary>
    internal Dictionary<string, int> Counted => field ??= new(StringComparer.Ordinal);

    internal bool HasCounted { get; set; }

    /// <summary>The request's body while somebody watches; null when it was in memory already, or there is none.</summary>
    private CountedStream? _received;

    /// <summary>To be called by the gateway once the response is sent, or broke off. What the caller sent is counted here.</summary>
    /// <param name="sent">Bytes of the response's body that went to the caller.</param>
    public void Transferred(long sent)
    {
        if (_transferWatchers is not { Count: > 0 } watchers)
        {
            return;
        }

        var bytes = sent + (_received?.Count ?? (Request.Body.State == MessageBodyState.Buffered ? Request.Body.Bytes.Length : 0));
        foreach (var watcher in watchers)
        {
            watcher(bytes);
        }
    }

    internal void WatchTransfer(Action<long> watcher)
    {
        if (_received is null && Request.Body.State == MessageBodyState.Streaming)
        {
            // Declared lengths may be missing, and callers may send less.
            Request.Body.Watch(body => _received = new(body));
        }

        (_transferWatchers ??= []).Add(watcher);
    }

    internal void Stamp(string name, string value) => (ResponseStamps ??= []).Add(new(name, value));

    internal void RunAtEnd(PolicyStep step) => (AtEnd ??= []).Add(step);

    /// <summary>Makes the object fit for the next request.</summary>
    public void Reset()
    {
        Request.Reset();
        Response.Reset();
        Variables.Clear();
        Api = null;
        Operation = null;
        Product = null;
        Subscription = null;
        User = null;
        LastError = null;
        ResponseStamps?.Clear();
        AtEnd?.Clear();
        _transferWatchers?.Clear();
        _received = null;
        if (HasCounted)
        {
            Counted.Clear();
            HasCounted = false;
        }

        Variables.Shared = false;
        Tracing = false;
        Observer = null;
        CacheOutcome = CacheOutcome.None;
        CacheTicks = 0;
        if (CacheQuestion is not null)
        {
            CacheQuestion.GiveUp(Services.Time);
            CacheQuestion = null;
        }

        Aborted = default;
    }
}

public enum CacheOutcome : byte
{
    /// <summary>No response was looked up.</summary>
    None,
    Miss,
    Hit,
}

/// <summary>What a request and a response have in common, so that set-header and set-body work on either.</summary>
public abstract class PolicyMessage
{
    /// <summary>In place: what is left here is what is sent.</summary>
    public IHeaderDictionary Headers { get; set; } = null!;

    public MessageBody Body { get; } = new();
}

/// <summary>The request on its way to the backend; its headers are the caller's.</summary>
public sealed class PolicyRequest : PolicyMessage
{
    private string? _method;

    public string Method
    {
        get => _method ?? "GET";
        set
        {
            _method = value;
            OriginalMethod ??= value;
        }
    }

    /// <summary>What <see cref="Method"/> was first: the caller's.</summary>
    public string? OriginalMethod { get; private set; }

    /// <summary>As the caller sent it.</summary>
    public RequestUrl OriginalUrl;

    /// <summary>Where the request goes: base address of the API or backend, then <see cref="RequestUrl.Path"/> and query.</summary>
    public BackendTarget Backend;

    /// <summary>
    /// The backend entity that set-backend-service chose and, once the request was sent to a member of a pool, that member; null without one.
    /// </summary>
    public Expressions.IBackend? Entity { get; set; }

    /// <summary>Scope of the policy that chose the backend entity.</summary>
    internal PolicyScope? EntityScope { get; set; }

    /// <summary>Parameters of the operation's template; empty when there are none.</summary>
    public IReadOnlyDictionary<string, string> MatchedParameters { get; set; } = EmptyParameters;

    public string IpAddress { get; set; } = "";

    /// <summary>The caller's client certificate.</summary>
    public X509Certificate2? Certificate { get; set; }

    /// <summary>What the caller sent beside <see cref="Certificate"/>, for its chain.</summary>
    public IReadOnlyList<X509Certificate2> CertificateIssuers { get; set; } = [];

    /// <summary>Proxy that the proxy policy chose for the backend call; null for none.</summary>
    public OutgoingProxy? BackendProxy { get; set; }

    /// <summary>Client certificate for the backend call; null for none.</summary>
    public X509Certificate2? BackendCertificate { get; set; }

    /// <summary>What a policy set as <c>Host</c>, for the backend call; null for the backend's own. The header alone says what the caller sent.</summary>
    public string? BackendHost { get; set; }

    /// <summary>Address of a request that a policy sends on its own account: <c>set-url</c>.</summary>
    internal string? OwnAddress { get; set; }

    internal static readonly IReadOnlyDictionary<string, string> EmptyParameters = new Dictionary<string, string>(0);

    public void Reset()
    {
        _method = null;
        OriginalMethod = null;
        Headers = null!;
        Body.Reset();
        OriginalUrl = default;
        Backend = default;
        Entity = null;
        EntityScope = null;
        MatchedParameters = EmptyParameters;
        Certificate = null;
        CertificateIssuers = [];
        BackendProxy = null;
        BackendCertificate = null;
        BackendHost = null;
    }
}

/// <summary>An address in its parts. <see cref="Path"/> begins with a slash; <see cref="Query"/> is empty or begins with <c>?</c>.</summary>
public record struct RequestUrl(string Scheme, string Host, int Port, string Path, string Query);

/// <summary>The backend's base address and what is appended to it.</summary>
/// <param name="Base">Null when nothing set one: forward-request then fails.</param>
/// <param name="BackendId">Set when <c>set-backend-service backend-id</c> chose a backend entity.</param>
/// <param name="Path">Relative to <paramref name="Base"/>; begins with a slash or is empty.</param>
/// <param name="Query">Empty or begins with <c>?</c>.</param>
public record struct BackendTarget(Uri? Base, string? BackendId, string Path, string Query);

/// <summary>The response being built; its headers are the caller's, in place.</summary>
public sealed class PolicyResponse : PolicyMessage
{
    public int StatusCode { get; set; } = 200;

    public string? Reason { get; set; }

    /// <summary>False until a backend answered or a policy made a response: expressions then see <c>context.Response</c> as null.</summary>
    public bool Exists { get; set; }

    public void Reset()
    {
        StatusCode = 200;
        Reason = null;
        Headers = null!;
        Body.Reset();
        Exists = false;
    }
}
