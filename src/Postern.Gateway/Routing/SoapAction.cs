using Microsoft.AspNetCore.Http;

namespace Postern.Gateway.Routing;

/// <summary>
/// What a SOAP message is for. Operations of a SOAP API are told apart by it (<c>/?soapAction=urn:get</c>), and callers say it in a header:
/// <c>SOAPAction</c> in SOAP 1.1, a parameter of the content type in SOAP 1.2.
/// </summary>
internal static class SoapAction
{
    /// <summary>The caller's query, with the action in front when the query itself has none.</summary>
    public static string Query(string query, IHeaderDictionary headers) =>
        QueryText.TryFind(query, "soapAction", out _) || Read(headers) is not { Length: > 0 } action ? query
        : query.Length > 1 ? $"?soapAction={action}&{query[1..]}"
        : $"?soapAction={action}";

    private static string? Read(IHeaderDictionary headers)
    {
        if (headers["SOAPAction"] is { Count: 1 } named)
        {
            return Unquoted(named[0]);
        }

        foreach (var parameter in headers.ContentType.ToString().Split(';').Skip(1))
        {
            var text = parameter.Trim();
            if (text.StartsWith("action=", StringComparison.OrdinalIgnoreCase))
            {
                return Unquoted(text["action=".Length..]);
            }
        }

        return null;
    }

    /// <returns>Null for what could pass for more than one parameter of a query.</returns>
    private static string? Unquoted(string? text) => text?.Trim().Trim('"') is { } action && !action.Contains('&', StringComparison.Ordinal) ? action : null;
}
