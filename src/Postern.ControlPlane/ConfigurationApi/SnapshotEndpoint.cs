using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace Postern.ControlPlane.ConfigurationApi;

/// <summary><c>GET snapshot</c>: the whole configuration, or 304 when the caller has it already.</summary>
internal sealed class SnapshotEndpoint(ConfigurationApiParts parts)
{
    private readonly SnapshotContent _content = new();

    public async Task HandleAsync(HttpContext context, ConfigurationTarget target)
    {
        if (await parts.Published.CurrentAsync(target.GatewayId, context.RequestAborted) is not { } snapshot)
        {
            await ConfigurationApiEndpoints.UnknownGatewayAsync(context, target);
            return;
        }

        var response = context.Response;
        var etag = new EntityTagHeaderValue($"\"{snapshot.Hash}\"");
        response.Headers.ETag = etag.ToString();
        response.Headers.CacheControl = "no-store";
        response.Headers.Vary = "Accept-Encoding, Authorization";
        if (EntityTagHeaderValue.TryParseList(context.Request.Headers.IfNoneMatch, out var known)
            && known.Any(tag => tag.Tag == "*" || tag.Compare(etag, useStrongComparison: false)))
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }

        var encoding = ContentEncoding.Choose(context.Request.Headers.AcceptEncoding);
        var bytes = _content.Bytes(target.GatewayId, snapshot, encoding);
        response.ContentType = "application/json; charset=utf-8";
        response.ContentLength = bytes.Length;
        if (encoding.Length > 0)
        {
            response.Headers.ContentEncoding = encoding;
        }

        await response.Body.WriteAsync(bytes, context.RequestAborted);
    }
}
