using System.Globalization;
using Postern.Policies.Language;
using Postern.Policies.Runtime;

namespace Postern.Policies.BuiltIn;

/// <summary>One cors policy, ready to judge requests.</summary>
internal sealed class CorsRules(CorsPolicy policy)
{
    private readonly bool _anyOrigin = policy.AllowedOrigins.Origins.Any(origin => origin.Trim() == "*");

    /// <summary>As they are written: what browsers send is mostly the same text, which saves taking it apart.</summary>
    private readonly HashSet<string> _written = [.. policy.AllowedOrigins.Origins.Select(origin => origin.Trim()).Where(origin => ParseOrigin(origin) is not null)];
    private readonly HashSet<string> _origins = [.. policy.AllowedOrigins.Origins.Select(ParseOrigin).OfType<string>()];

    /// <summary>Null when one of them is computed.</summary>
    private readonly string[]? _methods = policy.AllowedMethods is not { } methods ? ["GET", "POST"]
        : methods.Methods.All(method => method.IsConstant) ? [.. methods.Methods.Select(method => Normal(method.Constant))]
        : null;

    private readonly string[] _headers = [.. policy.AllowedHeaders?.Headers.Select(header => header.Trim()) ?? []];
    private readonly string? _exposed = policy.ExposeHeaders is { } exposed ? string.Join(",", exposed.Headers.Select(header => header.Trim())) : null;

    /// <returns>Scheme, host and port in one spelling; null when it is no origin.</returns>
    public static string? ParseOrigin(string text) =>
        Uri.TryCreate(text.Trim(), UriKind.Absolute, out var uri) && uri.Host.Length > 0 ? $"{uri.Scheme}://{uri.IdnHost.ToLowerInvariant()}:{uri.Port}" : null;

    /// <summary>The first policy that lets the request pass answers; one that terminates what it does not know ends the search.</summary>
    public static void AnswerPreflight(PolicyContext context, IEnumerable<CorsRules> candidates)
    {
        var response = context.Response;
        response.Headers.Clear();
        response.StatusCode = 200;
        response.Exists = true;
        response.Body.SetEmpty();
        response.Headers.Vary = "Origin";
        foreach (var rules in candidates)
        {
            if (rules.TryPreflight(context) || rules.Terminates(context))
            {
                return;
            }
        }
    }

    public ValueTask<Flow> Run(PolicyContext context)
    {
        var request = context.Request;
        var origin = request.Headers.Origin.ToString();
        if (origin.Length == 0)
        {
            context.RunAtEnd(static context => AddVary(context));
            return default;
        }

        if (request.Method == "OPTIONS" && request.Headers.ContainsKey("Access-Control-Request-Method"))
        {
            AnswerPreflight(context, [this]);
            return new(Flow.Respond);
        }

        if (Allows(origin) && AllowsMethod(MethodsFor(context), request.Method))
        {
            context.RunAtEnd(context => AddHeaders(context, origin));
            return default;
        }

        if (!Terminates(context))
        {
            context.RunAtEnd(static context => AddVary(context));
            return default;
        }

        context.Response.Headers.Clear();
        context.Response.StatusCode = 200;
        context.Response.Body.SetEmpty();
        context.Response.Headers.Vary = "Origin";
        return new(Flow.Respond);
    }

    private bool Terminates(PolicyContext context) => policy.TerminateUnmatched.Get(context);

    private bool Allows(string origin) => _anyOrigin || _written.Contains(origin) || (ParseOrigin(origin) is { } parsed && _origins.Contains(parsed));

    private string[] MethodsFor(PolicyContext context) => _methods ?? Compute(policy.AllowedMethods!.Methods, context);

    /// <summary>By itself, because its lambda costs an object from the first line on.</summary>
    private static string[] Compute(IReadOnlyList<Value<string>> methods, PolicyContext context) => [.. methods.Select(method => Normal(method.Get(context)))];

    private static string Normal(string method) => HeaderRules.CheckName(method.Trim()).ToUpperInvariant();

    private static bool AllowsMethod(string[] methods, string method) => methods.Contains("*") || methods.Contains(method.ToUpperInvariant()) || method is "HEAD" or "OPTIONS";

    private bool TryPreflight(PolicyContext context)
    {
        var request = context.Request.Headers;
        var origin = request.Origin.ToString();
        var method = request.AccessControlRequestMethod.ToString();
        var asked = request.AccessControlRequestHeaders.ToString().Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        var anyHeader = _headers.Contains("*");
        var methods = MethodsFor(context);
        if (!Allows(origin) || !AllowsMethod(methods, method) || !(anyHeader || asked.All(name => _headers.Contains(name, StringComparer.OrdinalIgnoreCase))))
        {
            return false;
        }

        var headers = context.Response.Headers;
        PutOrigin(context, origin);
        headers.AccessControlAllowMethods = methods.Contains("*") ? method : string.Join(",", methods);
        if (asked.Length > 0)
        {
            headers.AccessControlAllowHeaders = anyHeader ? string.Join(",", asked) : string.Join(",", _headers);
        }

        if (policy.AllowedMethods?.MaxAge?.Get(context) is { } age)
        {
            headers.AccessControlMaxAge = age.ToString(CultureInfo.InvariantCulture);
        }

        return true;
    }

    /// <summary>What the backend said about origins is not for this gateway's callers.</summary>
    private ValueTask<Flow> AddHeaders(PolicyContext context, string origin)
    {
        var headers = context.Response.Headers;
        foreach (var name in headers.Keys.Where(name => name.StartsWith("Access-Control-", StringComparison.OrdinalIgnoreCase)).ToList())
        {
            headers.Remove(name);
        }

        PutOrigin(context, origin);
        if (_exposed is not null)
        {
            headers.AccessControlExposeHeaders = _exposed;
        }

        return AddVary(context);
    }

    private void PutOrigin(PolicyContext context, string origin)
    {
        var headers = context.Response.Headers;
        var credentials = policy.AllowCredentials.Get(context);
        headers.AccessControlAllowOrigin = _anyOrigin && !credentials ? "*" : origin;
        if (credentials)
        {
            headers.AccessControlAllowCredentials = "true";
        }
    }

    private static ValueTask<Flow> AddVary(PolicyContext context)
    {
        var vary = context.Response.Headers.Vary.ToString();
        if (vary.Length == 0)
        {
            context.Response.Headers.Vary = "Origin";
        }
        else if (!VariesByOrigin(vary))
        {
            context.Response.Headers.Vary = $"{vary}, Origin";
        }

        return default;
    }

    private static bool VariesByOrigin(ReadOnlySpan<char> vary)
    {
        foreach (var range in vary.Split(','))
        {
            if (vary[range].Trim() is "*" || vary[range].Trim().Equals("Origin", StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }
}
