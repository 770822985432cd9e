using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Postern.Hosting;
using Postern.Portal.Layout;
using Postern.Portal.Management;
using Postern.Portal.SignIn;

namespace Postern.Portal.Web;

/// <summary>The host of the portal: every page needs a signed-in reader, except what signs readers in.</summary>
internal static class PortalApplication
{
    private static readonly TimeSpan SessionLength = TimeSpan.FromHours(12);

    public static WebApplication Build(PortalOptions options)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions
        {
            ApplicationName = typeof(PortalApplication).Assembly.GetName().Name,
            ContentRootPath = AppContext.BaseDirectory,
        });
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel => Listen(kestrel, options));
        builder.Services.AddSingleton<ILoggerFactory>(new FrameworkQuiet(options.Logging)).AddSingleton(options.Time).AddSingleton(options);
        builder.Services.AddSingleton<IHostLifetime, EmbeddedLifetime>();
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(5));
        builder.Services.AddSingleton<OperatorToken>().AddSingleton<ManagementClient>();
        AddSecurity(builder.Services, options);
        builder.Services.AddRouting().AddRazorComponents();

        var application = builder.Build();
        application.UseHostFiltering();
        application.UseMiddleware<SecurityHeaders>();
        application.UseExceptionHandler(new ExceptionHandlerOptions
        {
            ExceptionHandler = context => new RazorComponentResult<UnexpectedPage> { StatusCode = 500 }.ExecuteAsync(context),
        });
        application.UseRouting().UseAuthentication().UseAuthorization().UseAntiforgery();
        application.MapAssets();
        application.MapSignIn();
        application.MapRazorComponents<App>();
        application.MapFallback("{*path}", () => new RazorComponentResult<MissingPage> { StatusCode = StatusCodes.Status404NotFound });
        return application;
    }

    private static void Listen(KestrelServerOptions kestrel, PortalOptions options)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxRequestBodySize = 1024 * 1024;
        kestrel.Listen(options.Listen.Address, options.Listen.Port, listen => listen.UseHttps(options.ServerCertificate));
    }

    private static void AddSecurity(IServiceCollection services, PortalOptions options)
    {
        services.AddSingleton(new AccessCode(options.AccessCode!));
        services.AddHostFiltering(hosts =>
        {
            hosts.AllowEmptyHosts = false;
            hosts.AllowedHosts = [.. new[] { "localhost", "127.0.0.1", "[::1]", options.PublicHost }.Distinct(StringComparer.OrdinalIgnoreCase)];
        });

        // Keys live in memory: a restart ends every session, as it ends the access code that began it.
        services.AddDataProtection().UseEphemeralDataProtectionProvider();
        services.AddAntiforgery(forgery => Harden(forgery.Cookie, "__Host-postern-form"));
        services.AddAuthentication(CookieAuthenticationDefaults.AuthenticationScheme).AddCookie(cookie =>
        {
            Harden(cookie.Cookie, "__Host-postern-portal");
            cookie.LoginPath = SignInEndpoints.Path;
            cookie.ReturnUrlParameter = SignInEndpoints.ReturnParameter;
            cookie.ExpireTimeSpan = SessionLength;
            cookie.SlidingExpiration = false;
            cookie.TimeProvider = options.Time;
        });
        services.AddAuthorizationBuilder().SetFallbackPolicy(new AuthorizationPolicyBuilder().RequireAuthenticatedUser().Build());
    }

    private static void Harden(CookieBuilder cookie, string name)
    {
        cookie.Name = name;
        cookie.HttpOnly = true;
        cookie.SecurePolicy = CookieSecurePolicy.Always;
        cookie.SameSite = SameSiteMode.Strict;
        cookie.Path = "/";
    }
}
