using System.Text.Json;

namespace Postern.Portal.Management;

/// <summary>Reads the ARM error envelope; an answer without one still gives an error that says what came.</summary>
internal static class ErrorReader
{
    public static ManagementError Read(HttpResponseMessage answer, byte[] body)
    {
        var status = (int)answer.StatusCode;
        var id = answer.Headers.TryGetValues("x-ms-request-id", out var ids) ? ids.FirstOrDefault() : null;
        try
        {
            if (JsonSerializer.Deserialize(body, ManagementJson.Default.ErrorEnvelopeContract) is { Error: { Code: { } code } error })
            {
                return new(status, code, error.Message ?? "", id, error.Details ?? []);
            }
        }
        catch (JsonException)
        {
            // A proxy's or server's own error page: the status has to do.
        }

        return new(status, answer.StatusCode.ToString(), $"The management API answered HTTP {status} without an error body.", id, []);
    }
}
