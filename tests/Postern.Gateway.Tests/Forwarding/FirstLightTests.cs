using System.Net;
using Microsoft.AspNetCore.Http;
using Postern.Gateway.Tests.Parts;

namespace Postern.Gateway.Tests.Forwarding;

public sealed class FirstLightTests
{
    [Fact]
    public async Task A_request_reaches_the_backend_and_its_answer_comes_back()
    {
        await using var backend = await TestBackend.StartAsync(context =>
        {
            context.Response.Headers["X-Seen"] = $"{context.Request.Method} {context.Request.Path}{context.Request.QueryString} {context.Request.Host} {context.Request.Headers["X-Forwarded-For"]}";
            return context.Response.WriteAsync("hello");
        });
        await using var gateway = await TestGateway.StartAsync(Entities.Api("echo", "echo", backend.Address + "base/"));

        using var response = await gateway.GetAsync("/echo/a/b?x=1");

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("hello", await response.Content.ReadAsStringAsync());
        Assert.Equal($"GET /base/a/b?x=1 {backend.Address.Authority} 127.0.0.1", response.Headers.GetValues("X-Seen").Single());
    }
}
