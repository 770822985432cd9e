using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;
using Postern.Authority.Tenancy;

namespace Postern.Authority.Graph;

/// <summary>
/// How every Graph request is handled: authenticate, permit, read the body, act, answer. Any authenticated principal may read its tenant;
/// only directory writers may change it.
/// </summary>
internal sealed class GraphRoutes(
    IEndpointRouteBuilder routes, DirectoryStore store, GraphAuthentication authentication, TimeProvider time, ILogger log)
{
    private const string Version = "/v1.0";

    /// <summary>A request that changes nothing; POST where Graph makes questions POST.</summary>
    public void Read(string method, string path, Func<GraphCall, GraphAnswer> answer) =>
        routes.MapMethods(Version + path, [method], context => RunAsync(context, writing: false, answer));

    /// <summary>A request that changes the directory; nothing stays of one that is answered with an error.</summary>
    public void Write(string method, string path, Func<GraphCall, DirectoryTransaction, GraphAnswer> change) =>
        routes.MapMethods(Version + path, [method], context => RunAsync(context, writing: true, call =>
        {
            var answer = store.Write(
                transaction => change(call with { Directory = transaction.State }, transaction), keep: answer => answer.Error is null);
            if (answer.Error is null)
            {
                AuthorityLog.DirectoryChanged(log, call.Caller.AppId, method, call.Context.Request.Path);
            }

            return answer;
        }));

    /// <summary>A request that changes something outside the directory, and so outside its transaction.</summary>
    public void Act(string method, string path, Func<GraphCall, GraphAnswer> act) =>
        routes.MapMethods(Version + path, [method], context => RunAsync(context, writing: true, act));

    public void MapRest() => routes.Map(Version + "/{**rest}", context => RunAsync(context, writing: false, _ => GraphError.UnknownPath));

    private async Task RunAsync(HttpContext context, bool writing, Func<GraphCall, GraphAnswer> act)
    {
        var directory = store.Current;
        var (caller, error) = authentication.Authenticate(context, directory);
        error ??= writing && !caller!.DirectoryWriter ? GraphError.ReadOnly : null;
        if (error is not null)
        {
            await WriteAsync(context, error);
            return;
        }

        if (await GraphCall.ReadBodyAsync(context) is not { } body)
        {
            await WriteAsync(context, GraphError.BadRequest("The body is not one JSON object."));
            return;
        }

        await WriteAsync(context, Run(new(context, caller!, directory, body), act));
    }

    private static GraphAnswer Run(GraphCall call, Func<GraphCall, GraphAnswer> act)
    {
        try
        {
            return act(call);
        }
        catch (GraphBodyException problem)
        {
            return GraphError.BadRequest(problem.Message);
        }
    }

    private async Task WriteAsync(HttpContext context, GraphAnswer answer)
    {
        context.Response.StatusCode = answer.Status;
        var request = Guid.NewGuid().ToString();
        context.Response.Headers["request-id"] = request;
        if (answer.Error is { } error)
        {
            await JsonAnswer.WriteAsync(context, writer => WriteError(writer, error, request));
        }
        else if (answer.Body is { } body)
        {
            context.Response.ContentType = "application/json; odata.metadata=minimal; charset=utf-8";
            await context.Response.WriteAsync(body.ToJsonString(), context.RequestAborted);
        }
    }

    private void WriteError(Utf8JsonWriter writer, GraphError error, string request)
    {
        writer.WriteStartObject("error");
        writer.WriteString("code", error.Code);
        writer.WriteString("message", error.Message);
        writer.WriteStartObject("innerError");
        writer.WriteString("date", time.GetUtcNow().UtcDateTime);
        writer.WriteString("request-id", request);
        writer.WriteEndObject();
        writer.WriteEndObject();
    }
}
