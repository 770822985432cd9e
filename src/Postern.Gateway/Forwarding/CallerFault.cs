using Microsoft.AspNetCore.Http;
using Postern.Policies.Runtime;

namespace Postern.Gateway.Forwarding;

/// <summary>What is the caller's doing when a request could not be passed on: its body came too slowly, was too large, or was malformed.</summary>
internal static class CallerFault
{
    /// <returns>Null when it is not.</returns>
    public static PolicyError? Of(Exception failed)
    {
        for (var inner = failed; inner is not null; inner = inner.InnerException)
        {
            if (inner is BadHttpRequestException bad)
            {
                return Of(bad.StatusCode, bad);
            }
        }

        return null;
    }

    /// <summary>Declared lengths are refused before anything is done with the request.</summary>
    public static PolicyError? TooLarge(GatewayExchange exchange, long limit) =>
        limit > 0 && exchange.Request.Headers.ContentLength > limit ? Of(StatusCodes.Status413PayloadTooLarge, null) : null;

    private static PolicyError? Of(int status, Exception? exception)
    {
        var (reason, message) = status switch
        {
            StatusCodes.Status408RequestTimeout => ("ClientConnectionFailure", "The request's body came too slowly."),
            StatusCodes.Status413PayloadTooLarge => ("MessageBodyTooLarge", "The request's body is larger than this gateway takes."),
            StatusCodes.Status400BadRequest => ("ClientConnectionFailure", "The request's body is malformed."),
            _ => ("", ""),
        };
        return reason.Length == 0 ? null : new()
        {
            Source = "forward-request",
            Reason = reason,
            Message = message,
            StatusCode = status,
            PublicMessage = message,
            Exception = exception,
        };
    }
}
