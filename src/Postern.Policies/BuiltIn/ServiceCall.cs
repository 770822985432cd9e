using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Postern.Policies.Runtime;

namespace Postern.Policies.BuiltIn;

/// <summary>A POST that a policy makes on its own account, to a sidecar or a service, and what came of it.</summary>
internal static class ServiceCall
{
    /// <summary>Text that is JSON says so; anything else goes as plain text.</summary>
    public static string ContentTypeOf(string text) => IsJson(text) ? "application/json" : "text/plain; charset=utf-8";

    public static bool IsJson(string text)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    public static PolicyRequest Post(string contentType, ReadOnlyMemory<byte> body)
    {
        var request = new PolicyRequest { Method = "POST", Headers = new HeaderDictionary { ["Content-Type"] = contentType } };
        request.Body.SetBytes(body);
        return request;
    }

    public static PolicyRequest Post(string contentType, string body) => Post(contentType, Encoding.UTF8.GetBytes(body));

    /// <returns>Reason and message of a failure; null when there was an answer, whatever it says.</returns>
    public static async ValueTask<(string Reason, string Message)?> SendAsync(
        PolicyContext context, Uri address, PolicyRequest request, PolicyResponse response, TimeSpan timeout)
    {
        if (context.Services.Resources?.Http is not { } http)
        {
            return ("PolicyNotSupported", "This host sends no requests for policies.");
        }

        using var limit = new CancellationTokenSource(timeout, context.Services.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, context.Aborted);
        try
        {
            await http.SendAsync(new(address, request), response, either.Token);
            return null;
        }
        catch (OperationCanceledException) when (!context.Aborted.IsCancellationRequested)
        {
            return ("Timeout", "The response did not come in time.");
        }
        catch (Exception problem) when (problem is HttpRequestException or IOException or MessageBodyTooLargeException)
        {
            return ("BackendConnectionFailure", problem.Message);
        }
    }
}
