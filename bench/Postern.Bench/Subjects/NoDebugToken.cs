using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Postern.Gateway;
using Postern.Gateway.Tracing;

namespace Postern.Bench.Subjects;

/// <summary>What every request pays so that some can be traced: the look for a debug token that is not there.</summary>
internal sealed class NoDebugToken : Subject, IHttpRequestBodyDetectionFeature
{
    private GatewayExchange _exchange = null!;

    public override string Name => "debug token: none given";

    public bool CanHaveBody => false;

    public override void Prepare()
    {
        var features = new FeatureCollection();
        features.Set<IHttpRequestFeature>(new HttpRequestFeature());
        features.Set<IHttpRequestBodyDetectionFeature>(this);
        features.Set<IHttpResponseFeature>(new HttpResponseFeature());
        features.Set<IHttpResponseBodyFeature>(new StreamResponseBodyFeature(Stream.Null));
        features.Set<IHttpRequestLifetimeFeature>(new HttpRequestLifetimeFeature());
        features.Set<IHttpConnectionFeature>(new HttpConnectionFeature());
        _exchange = new(features, null!);
        _exchange.Context.Request.Headers = new HeaderDictionary { ["Host"] = "gateway.example", ["Ocp-Apim-Subscription-Key"] = "key" };
    }

    public override void Run()
    {
        DebugAccess.Check(_exchange);
        if (_exchange.Context.ResponseStamps is not null)
        {
            throw new InvalidOperationException($"{Name}: a token was found.");
        }
    }
}
