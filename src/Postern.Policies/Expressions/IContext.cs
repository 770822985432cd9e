// What expressions see, with the documented names. Everything is read-only.
using System.Security.Cryptography.X509Certificates;
using Postern.Policies.Runtime;

namespace Postern.Policies.Expressions;

/// <summary>The <c>context</c> of policy expressions.</summary>
public interface IContext
{
    IApi? Api { get; }

    IBackend? Backend { get; }

    IDeployment Deployment { get; }

    TimeSpan Elapsed { get; }

    /// <summary>Null unless an error is being handled.</summary>
    ILastError? LastError { get; }

    IOperation? Operation { get; }

    IProduct? Product { get; }

    IRequest Request { get; }

    /// <summary>Null until a backend answered or a policy made a response.</summary>
    IResponse? Response { get; }

    Guid RequestId { get; }

    ISubscription? Subscription { get; }

    /// <summary>When the request came in, in UTC.</summary>
    DateTime Timestamp { get; }

    bool Tracing { get; }

    IUser? User { get; }

    IReadOnlyDictionary<string, object?> Variables { get; }

    /// <summary>Always null: this gateway has no workspaces.</summary>
    IWorkspace? Workspace { get; }

    void Trace(string message);
}

public interface IBackend
{
    string AzureRegion { get; }

    string Id { get; }

    BackendType Type { get; }
}

public enum BackendType
{
    Single,
    Pool,
}

public interface IWorkspace
{
    string Id { get; }

    string Name { get; }
}

public interface ILastError
{
    string Source { get; }

    string? Reason { get; }

    string Message { get; }

    string? Scope { get; }

    string? Section { get; }

    string? Path { get; }

    string? PolicyId { get; }
}

public interface IRequest
{
    /// <summary>Null when the request has no body.</summary>
    IMessageBody? Body { get; }

    X509Certificate2? Certificate { get; }

    IReadOnlyDictionary<string, string[]> Headers { get; }

    string IpAddress { get; }

    IReadOnlyDictionary<string, string> MatchedParameters { get; }

    string Method { get; }

    IUrl OriginalUrl { get; }

    IUrl Url { get; }

    /// <summary>Always null on a self-hosted gateway.</summary>
    IPrivateEndpointConnection? PrivateEndpointConnection { get; }
}

public interface IPrivateEndpointConnection
{
    string Name { get; }

    string GroupId { get; }

    string MemberName { get; }
}

public interface IResponse
{
    IMessageBody? Body { get; }

    IReadOnlyDictionary<string, string[]> Headers { get; }

    int StatusCode { get; }

    string StatusReason { get; }
}

public interface IMessageBody
{
    /// <typeparam name="T">string, byte[], JToken, JObject, JArray, XNode, XElement or XDocument.</typeparam>
    /// <param name="preserveContent">Leave the body for later readers and for forwarding.</param>
    T As<T>(bool preserveContent = false);

    IDictionary<string, IList<string>> AsFormUrlEncodedContent(bool preserveContent = false);
}
