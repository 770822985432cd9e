using System.Net;
using System.Net.Security;
using Microsoft.AspNetCore.Http;
using Postern.Policies.BuiltIn;
using Postern.Policies.Runtime;

namespace Postern.Policies;

/// <summary>Sends the requests of policies with the framework's HTTP client. Redirects are not followed, cookies not kept.</summary>
/// <param name="tls">Makes the options of secure connections; null for the system's way.</param>
/// <param name="connect">Makes connections; null for the platform's way.</param>
public sealed class PolicyHttpClient(
    Func<SslClientAuthenticationOptions>? tls, Func<SocketsHttpConnectionContext, CancellationToken, ValueTask<Stream>>? connect = null) : IPolicyHttpClient, IDisposable
{
    private readonly HttpMessageInvoker _direct = new(Handler(tls, connect));

    public async ValueTask SendAsync(OutgoingRequest request, PolicyResponse response, CancellationToken cancellation)
    {
        using var message = Message(request);
        if (request.Proxy is null && request.Certificate is null)
        {
            await SendAsync(_direct, message, response, request.LongestAnswer, cancellation);
            return;
        }

        // Connections must not be shared across proxies or identities, so such a call has its own.
        var handler = Handler(tls, connect);
        if (request.Proxy is { } proxy)
        {
            handler.UseProxy = true;
            handler.Proxy = new WebProxy(proxy.Address)
            {
                Credentials = proxy.UserName is null ? null : new NetworkCredential(proxy.UserName, proxy.Password),
            };
        }

        if (request.Certificate is { } certificate)
        {
            handler.SslOptions.ClientCertificates = [certificate];
        }

        using var invoker = new HttpMessageInvoker(handler);
        await SendAsync(invoker, message, response, request.LongestAnswer, cancellation);
    }

    public void Dispose() => _direct.Dispose();

    private static async ValueTask SendAsync(HttpMessageInvoker invoker, HttpRequestMessage message, PolicyResponse response, int longest, CancellationToken cancellation)
    {
        using var answer = await invoker.SendAsync(message, cancellation);
        response.StatusCode = (int)answer.StatusCode;
        response.Reason = answer.ReasonPhrase;
        foreach (var (name, values) in answer.Headers.NonValidated.Concat(answer.Content.Headers.NonValidated))
        {
            response.Headers.Append(name, values.ToArray());
        }

        await using var body = await answer.Content.ReadAsStreamAsync(cancellation);
        response.Body.SetStream(body);
        await response.Body.BufferAsync(cancellation, longest);
    }

    private static SocketsHttpHandler Handler(
        Func<SslClientAuthenticationOptions>? tls, Func<SocketsHttpConnectionContext, CancellationToken, ValueTask<Stream>>? connect) => new()
        {
            ConnectCallback = connect,
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = false,
            AutomaticDecompression = DecompressionMethods.All,
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            SslOptions = tls?.Invoke() ?? new(),
        };

    private static HttpRequestMessage Message(OutgoingRequest request)
    {
        var source = request.Message;
        var message = new HttpRequestMessage(new HttpMethod(source.Method), request.Address);
        if (source.Body.State == MessageBodyState.Buffered)
        {
            message.Content = new ReadOnlyMemoryContent(source.Body.Bytes);
        }

        foreach (var (name, values) in source.Headers)
        {
            if (!HeaderRules.IsFramed(name) && !message.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)values))
            {
                (message.Content ??= new ByteArrayContent([])).Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)values);
            }
        }

        return message;
    }
}
