using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;

namespace Postern.Portal.SignIn;

/// <summary>Signing in with the access code, typed or in a link, and signing out.</summary>
internal static class SignInEndpoints
{
    public const string Path = "/signin";
    public const string ReturnParameter = "return";

    public static void MapSignIn(this IEndpointRouteBuilder routes)
    {
        routes.MapGet(Path, FollowLink).AllowAnonymous();
        routes.MapPost(Path, Submit).AllowAnonymous();
        routes.MapPost("/signout", SignOut);
    }

    /// <summary>
    /// A right code in the link signs in at once. The answer is a page that moves on by itself, not a redirect: after a redirect that
    /// another site's link began, the browser would not send the strict cookie yet.
    /// </summary>
    private static async Task<IResult> FollowLink(HttpContext context, AccessCode expected, ILoggerFactory logging, string? code, [FromQuery(Name = ReturnParameter)] string? back)
    {
        if (code is null)
        {
            return Page(refused: false, back);
        }

        if (!await TryBegin(context, expected, logging, code))
        {
            return Page(refused: true, back);
        }

        context.Response.Headers["Refresh"] = "0; url=" + Local(back);
        return new RazorComponentResult<WelcomePage>(new { Next = Local(back) });
    }

    private static async Task<IResult> Submit(HttpContext context, AccessCode expected, ILoggerFactory logging, [FromForm] string? code, [FromForm(Name = ReturnParameter)] string? back) =>
        await TryBegin(context, expected, logging, code) ? Results.LocalRedirect(Local(back)) : Page(refused: true, back);

    private static async Task<IResult> SignOut(HttpContext context, [FromForm] string? _)
    {
        await context.SignOutAsync();
        return Results.LocalRedirect(Path);
    }

    private static async Task<bool> TryBegin(HttpContext context, AccessCode expected, ILoggerFactory logging, string? offered)
    {
        var logger = logging.CreateLogger("Postern.Portal.SignIn");
        if (!expected.Matches(offered))
        {
            PortalLog.SignInRefused(logger, context.Connection.RemoteIpAddress);
            return false;
        }

        var identity = new ClaimsIdentity([new Claim(ClaimTypes.Name, "operator")], CookieAuthenticationDefaults.AuthenticationScheme);
        await context.SignInAsync(new ClaimsPrincipal(identity));
        PortalLog.SignedIn(logger, context.Connection.RemoteIpAddress);
        return true;
    }

    private static RazorComponentResult<SignInPage> Page(bool refused, string? back) =>
        new(new { Refused = refused, Back = Local(back) }) { StatusCode = refused ? StatusCodes.Status401Unauthorized : StatusCodes.Status200OK };

    /// <summary>Only paths of this portal: a link must not make the sign-in page send people elsewhere.</summary>
    internal static string Local(string? back) =>
        back is ['/', ..] and not ['/', '/' or '\\', ..] && !back.Any(char.IsControl) && Uri.IsWellFormedUriString(back, UriKind.Relative) ? back : "/";
}
