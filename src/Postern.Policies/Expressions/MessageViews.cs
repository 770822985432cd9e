using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.WebUtilities;
using Postern.Policies.Certificates;
using Postern.Policies.Runtime;

namespace Postern.Policies.Expressions;

/// <summary>A request as expressions see it.</summary>
internal sealed class RequestView(PolicyRequest request, PolicyContext context) : IRequest
{
    private readonly HeaderView _headers = new(request);
    private readonly MessageBodyView _body = new(request);

    public IMessageBody? Body => request.Body.State == MessageBodyState.None ? null : _body;

    public X509Certificate2? Certificate
    {
        get
        {
            if (request.Certificate is { } certificate && context.Services is { } services)
            {
                CertificateTrust.Remember(certificate, services.CertificateTrust.With(request.CertificateIssuers));
            }

            return request.Certificate;
        }
    }

    public IReadOnlyDictionary<string, string[]> Headers => _headers;

    public string IpAddress => request.IpAddress;

    public IReadOnlyDictionary<string, string> MatchedParameters => request.MatchedParameters;

    public string Method => request.Method;

    public IUrl OriginalUrl => new UrlView(request.OriginalUrl);

    public IUrl Url => new UrlView(CurrentUrl());

    public IPrivateEndpointConnection? PrivateEndpointConnection => null;

    /// <summary>Host of where the request goes; path and query as they are appended to the backend's base address.</summary>
    private RequestUrl CurrentUrl()
    {
        var target = request.Backend;
        var path = string.IsNullOrEmpty(target.Path) ? "/" : target.Path;
        return target.Base is { } address
            ? new(address.Scheme, address.Host, address.Port, path, target.Query ?? "")
            : request.OriginalUrl with { Path = target.Path is null ? request.OriginalUrl.Path : path, Query = target.Query ?? request.OriginalUrl.Query };
    }
}

/// <summary>A response as expressions see it; also what <c>send-request</c> stores in a variable.</summary>
internal sealed class ResponseView(PolicyResponse response) : IResponse
{
    private readonly HeaderView _headers = new(response);
    private readonly MessageBodyView _body = new(response);

    public PolicyResponse Response => response;

    public IMessageBody Body => _body;

    public IReadOnlyDictionary<string, string[]> Headers => _headers;

    public int StatusCode => response.StatusCode;

    public string StatusReason => response.Reason ?? ReasonPhrases.GetReasonPhrase(response.StatusCode);
}
