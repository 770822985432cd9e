using System.Diagnostics;
using System.Globalization;
using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Postern.Gateway.Backends;
using Postern.Gateway.Forwarding;
using Postern.Gateway.Listening;
using Postern.Gateway.Routing;
using Postern.Gateway.State;
using Postern.Gateway.Tracing;
using Postern.Policies;
using Postern.Policies.Certificates;
using Postern.Policies.Runtime;
using ProductState = Postern.Gateway.State.ProductState;

namespace Postern.Gateway;

/// <summary>
/// One request and its response, from first byte to last. The server keeps one per connection (or HTTP/2 stream) and it is used again for
/// the next request there; it sees one <see cref="GatewayState"/> only. It is what policies call the gateway through.
/// </summary>
internal sealed class GatewayExchange : IPolicyServices
{
    private readonly IHttpConnectionFeature _connection;
    private readonly IHttpRequestBodyDetectionFeature _bodyDetection;
    private readonly PresentedCertificate? _presented;
    private readonly GatewayRuntime _runtime;
    private string? _host;
    private string _hostName = "";
    private int _port;
    private IPAddress? _address;
    private string _addressText = "";

    public GatewayExchange(IFeatureCollection features, GatewayRuntime runtime)
    {
        Features = features;
        _runtime = runtime;

        // The server is its own features and nothing here replaces them, so they hold for all requests of the connection.
        Request = features.GetRequiredFeature<IHttpRequestFeature>();
        _bodyDetection = features.GetRequiredFeature<IHttpRequestBodyDetectionFeature>();
        Response = features.GetRequiredFeature<IHttpResponseFeature>();
        ResponseBody = features.GetRequiredFeature<IHttpResponseBodyFeature>();
        Lifetime = features.GetRequiredFeature<IHttpRequestLifetimeFeature>();
        _connection = features.GetRequiredFeature<IHttpConnectionFeature>();
        _presented = features.Get<PresentedCertificate>();
        Context.Services = this;
    }

    public IFeatureCollection Features { get; }

    public IHttpRequestFeature Request { get; }

    /// <summary>As it comes from the caller; policies may have put another one in its place.</summary>
    public CallersBody RequestBody { get; } = new();

    public IHttpResponseFeature Response { get; }

    public IHttpResponseBodyFeature ResponseBody { get; }

    public IHttpRequestLifetimeFeature Lifetime { get; }

    public PolicyContext Context { get; } = new();

    public RouteParameters Parameters { get; } = new();

    /// <summary>The configuration that this request runs with.</summary>
    public GatewayState State { get; private set; } = null!;

    public ApiState? Api { get; set; }

    public OperationState? Operation { get; set; }

    public ProductState? Product { get; set; }

    /// <summary>What a cross-origin preflight asks about, while no operation takes OPTIONS; null for every other request.</summary>
    public (ApiState Api, OperationState Operation)? Preflight { get; set; }

    /// <summary>The answer that a backend gave, still open; closed with the exchange.</summary>
    public IBackendResponse? BackendResponse { get; set; }

    /// <summary>Set when a pool with session affinity chose a member that the caller must be told to come back to.</summary>
    public PoolSession? NewSession { get; set; }

    /// <summary>Status of the last backend answer; 0 when no backend was called.</summary>
    public int BackendStatus { get; set; }

    /// <summary>Stopwatch ticks spent waiting for backends.</summary>
    public long BackendTicks { get; set; }

    /// <summary>Bytes of the response's body that were handed to the server.</summary>
    public long ResponseSize { get; set; }

    /// <summary>Why the exchange failed after its response began, or what refused it; null when all went well.</summary>
    public string? FailureReason { get; set; }

    /// <summary>Set when the caller asked for a trace and may have one.</summary>
    public RequestTrace? RequestTrace { get; private set; }

    public bool IsWebSocket { get; private set; }

    /// <summary>The connection's request before this one was answered on a thread that waits for sockets, without ever waiting itself.</summary>
    public bool EndedAtOnce { get; set; }

    /// <summary>HTTP/2 or HTTP/3: many exchanges share the connection, headers may be all there is, trailers have their place.</summary>
    public bool IsMultiplexed => Request.Protocol.Length == 6;

    public string HostName => _hostName;

    /// <summary>Cancelled when the gateway begins to stop.</summary>
    public CancellationToken Stopping => _runtime.Stopping;

    public TimeProvider Time => _runtime.Time;

    public IRateCounters RateCounters => _runtime.RateCounters;

    public PolicyResources Resources => _runtime.Resources;

    public IPolicyCache? ExternalCache => State.ExternalCache;

    public BackendFeatures BackendFeatures => BackendFeatures.Proxy | BackendFeatures.ClientCertificate;

    public CertificateTrust CertificateTrust => State.Certificates.Trust;

    /// <summary>True when this connection is secure and its caller was asked for a certificate in the handshake.</summary>
    public bool WasAskedForCertificate => _presented is not null;

    public void Begin(GatewayState state)
    {
        State = state;
        var context = Context;
        context.StartTicks = Stopwatch.GetTimestamp();
        context.Timestamp = _runtime.Time.GetUtcNow();
        context.RequestId = NewRequestId();
        context.Deployment = state.Deployment;
        context.Request.Method = Request.Method;
        context.Request.Headers = Request.Headers;
        context.Request.IpAddress = CallerAddress();
        context.Response.Headers = Response.Headers;
        context.Aborted = Lifetime.RequestAborted;
        if (_presented is not null)
        {
            context.Request.Certificate = _presented.Certificate;
            context.Request.CertificateIssuers = _presented.Issuers;
        }

        IsWebSocket = Request.Headers.Upgrade.Count > 0 ? WebSocketHandshake.IsUpgrade(this) : Request.Method == "CONNECT" && WebSocketHandshake.IsExtendedConnect(this);
        if (IsWebSocket)
        {
            context.Request.Method = "GET";
        }
        else if (_bodyDetection.CanHaveBody)
        {
            RequestBody.Begin(Features.GetRequiredFeature<IRequestBodyPipeFeature>().Reader);
            context.Request.Body.SetStream(RequestBody);
        }
    }

    /// <summary>Lets go of the backend's answer and of an upload that still goes on, so that nobody reads the caller's body any more.</summary>
    public ValueTask CloseBackendResponseAsync()
    {
        if (BackendResponse is not { } response)
        {
            return default;
        }

        BackendResponse = null;
        return response.CloseAsync();
    }

    /// <summary>Makes the object fit for the next request of the connection. The backend's answer is closed already.</summary>
    public void End()
    {
        NewSession = null;
        BackendStatus = 0;
        BackendTicks = 0;
        ResponseSize = 0;
        FailureReason = null;
        RequestTrace = null;
        Api = null;
        Operation = null;
        Product = null;
        Preflight = null;
        Parameters.Clear();
        Context.Reset();
        State = null!;
    }

    /// <summary>Fills <see cref="PolicyRequest.OriginalUrl"/>; false when the target is malformed or ambiguous.</summary>
    public bool ReadUrl()
    {
        var raw = Request.RawTarget;
        if (!RequestPath.TrySplit(raw, out var rawPath, out var rawQuery))
        {
            Context.Request.OriginalUrl = new(Request.Scheme, "", 0, "/", "");
            return false;
        }

        // The server has cut the strings already; they are used when they are what the normaliser would make.
        var path = RequestPath.IsCanonical(rawPath)
            ? Request.Path.Length == rawPath.Length ? Request.Path : rawPath.ToString()
            : RequestPath.Normalize(rawPath);
        var query = rawQuery.IsEmpty ? ""
            : RequestPath.CleanQuery(Request.QueryString.Length == rawQuery.Length ? Request.QueryString : rawQuery.ToString());
        ReadHost();
        Context.Request.OriginalUrl = new(Request.Scheme, _hostName, _port, path ?? "/", query);
        return path is not null;
    }

    public ValueTask<Flow> ForwardAsync(PolicyContext context, in ForwardOptions options) =>
        RequestTrace is { } trace ? ForwardTracedAsync(trace, options) : _runtime.Forwarder.ForwardAsync(this, options);

    public ValueTask RefuseAsync(IPolicyProgram program, PolicyError refusal)
    {
        RequestTrace?.Refused(refusal);
        return program.RunErrorAsync(Context, refusal);
    }

    public void BeginTrace(string id)
    {
        RequestTrace = new(this, id);
        Context.Tracing = true;
        Context.Observer = RequestTrace;
    }

    public Uri? FindBackend(string backendId) => State.Backends.TryGetValue(backendId, out var backend) ? backend.Address ?? backend.Pool?.FirstAddress : null;

    public Policies.Expressions.IBackend? FindBackendEntity(string backendId) => State.Backends.GetValueOrDefault(backendId);

    public EventHubLogger? FindEventHub(string loggerId) => State.PolicyEntities.FindEventHub(loggerId);

    public SchemaDocument? FindSchema(PolicyContext context, string schemaId) => State.PolicyEntities.FindSchema(Api, schemaId);

    public OperationDescription? Describe(PolicyContext context) => State.PolicyEntities.Describe(Api, Operation);

    public void EmitMetric(PolicyContext context, string space, string name, double value, IReadOnlyList<KeyValuePair<string, string>> dimensions)
    {
        _runtime.PolicyMetrics.Add(space, name, value, dimensions);
        RequestTrace?.Message("emit-metric", null, string.Create(CultureInfo.InvariantCulture, $"{space}/{name} {value}"), dimensions);
    }

    public void Trace(PolicyContext context, string source, string message)
    {
        _runtime.Telemetry.Trace(this, source, message);
        RequestTrace?.Message(source, null, message, []);
    }

    public void Trace(PolicyContext context, string source, TraceSeverity severity, string message, IReadOnlyList<KeyValuePair<string, string>> properties)
    {
        _runtime.Telemetry.Trace(this, source, message);
        RequestTrace?.Message(source, severity, message, properties);
    }

    private async ValueTask<Flow> ForwardTracedAsync(RequestTrace trace, ForwardOptions options)
    {
        var began = Stopwatch.GetTimestamp();
        trace.Forwarding(options.Timeout);
        var flow = await _runtime.Forwarder.ForwardAsync(this, options);
        trace.Forwarded(flow, Stopwatch.GetElapsedTime(began));
        return flow;
    }

    /// <summary>Unique, and no secret: a fast generator will do.</summary>
    private static Guid NewRequestId()
    {
        Span<byte> bytes = stackalloc byte[16];
        Random.Shared.NextBytes(bytes);
        bytes[7] = (byte)((bytes[7] & 0x0F) | 0x40);
        bytes[8] = (byte)((bytes[8] & 0x3F) | 0x80);
        return new(bytes);
    }

    private void ReadHost()
    {
        var header = Context.Request.Headers.Host;
        var host = header.Count > 0 ? header[0] ?? "" : "";
        if (ReferenceEquals(host, _host))
        {
            return;
        }

        _host = host;
        var parsed = new HostString(host);
        _hostName = parsed.Host ?? "";
        _port = parsed.Port ?? (Request.Scheme.Length == 5 ? 443 : 80);
    }

    private string CallerAddress()
    {
        var address = _connection.RemoteIpAddress;
        if (!ReferenceEquals(address, _address))
        {
            _address = address;
            _addressText = address is null ? "" : address.IsIPv4MappedToIPv6 ? address.MapToIPv4().ToString() : address.ToString();
        }

        return _addressText;
    }
}
