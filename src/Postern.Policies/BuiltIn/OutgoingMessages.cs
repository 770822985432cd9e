using Microsoft.AspNetCore.Http;
using Postern.Policies.Language;
using Postern.Policies.Runtime;

namespace Postern.Policies.BuiltIn;

/// <summary>Builds the requests that policies send on their own account.</summary>
internal static class OutgoingMessages
{
    public static readonly string[] Parts =
        ["set-url", "set-method", "set-header", "set-body", "authentication-basic", "authentication-certificate", "authentication-managed-identity", "proxy", "include-fragment"];

    public static Uri? ParseAddress(string? text) =>
        Uri.TryCreate(text?.Trim(), UriKind.Absolute, out var address) && address.Scheme is ("http" or "https") ? address : null;

    /// <summary>A new request, or one with method, headers and body of the current one.</summary>
    public static async ValueTask<PolicyRequest> BeginAsync(PolicyContext context, bool copy, bool withBody)
    {
        var request = new PolicyRequest { Headers = new HeaderDictionary() };
        if (!copy)
        {
            return request;
        }

        var current = context.Request;
        request.Method = current.Method;
        foreach (var (name, value) in current.Headers)
        {
            if (!HeaderRules.IsFramed(name) && !name.Equals("Host", StringComparison.OrdinalIgnoreCase))
            {
                request.Headers[name] = value;
            }
        }

        var target = current.Backend;
        request.OwnAddress = target.Base is null ? null : $"{target.Base.GetLeftPart(UriPartial.Path).TrimEnd('/')}{target.Path}{target.Query}";
        if (withBody)
        {
            await current.Body.BufferAsync(context.Aborted);
            if (current.Body.State == MessageBodyState.Buffered)
            {
                request.Body.SetBytes(current.Body.Bytes);
            }
        }

        return request;
    }

    public static void CheckParts(PolicyRules rules, IReadOnlyList<Policy> parts, Value<SendMode> mode)
    {
        var isNew = mode is { IsConstant: true, Constant: SendMode.New };
        rules.Check(!isNew || parts.Any(part => part is SetUrlPolicy), "Element 'set-url' is missing.");
    }
}

internal enum SendMode : byte
{
    New,
    Copy,
}
