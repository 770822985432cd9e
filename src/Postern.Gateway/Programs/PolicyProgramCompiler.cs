using Postern.Gateway.State;
using Postern.Policies;
using Postern.Policies.Runtime;
using Postern.Snapshots;
using ProductState = Postern.Gateway.State.ProductState;

namespace Postern.Gateway.Programs;

/// <summary>Compiles a set's policy documents.</summary>
internal sealed class PolicyProgramCompiler : IPolicyCompiler
{
    public IPolicyPrograms Compile(EntitySet entities, IPolicyPrograms? previous)
    {
        var documents = entities.Of<PolicySnapshot>().Select(policy => policy.Scope).ToHashSet(StringComparer.OrdinalIgnoreCase);
        return new ForwardingPrograms(documents);
    }
}

/// <summary>The default policy, forward-request alone; an operation that has documents fails closed until there is a compiler for them.</summary>
internal sealed class ForwardingPrograms(HashSet<string> documents) : IPolicyPrograms, IPolicyProgram
{
    private static readonly ForwardOptions Default = new(TimeSpan.FromSeconds(300), HttpVersionRule.One, false, false, true, false);

    public IPolicyProgram Global => this;

    public IReadOnlyList<string> Problems => [];

    public IPolicyProgram Compose(ProductState? product, ApiState api, OperationState operation) => this;

    public async ValueTask RunAsync(PolicyContext context)
    {
        if (documents.Count > 0)
        {
            await RunErrorAsync(context, new() { Source = "configuration", Reason = "PolicyNotCompiled", Message = "Policy documents are not compiled.", StatusCode = 500 });
            return;
        }

        var flow = await context.Services.ForwardAsync(context, Default);
        if (flow.Error is { } error)
        {
            await RunErrorAsync(context, error);
        }
    }

    public ValueTask RunErrorAsync(PolicyContext context, PolicyError error)
    {
        context.LastError = error;
        var response = context.Response;
        response.StatusCode = error.StatusCode;
        response.Headers.Clear();
        foreach (var (name, value) in error.Headers)
        {
            response.Headers[name] = value;
        }

        response.Headers.ContentType = "application/json";
        response.Body.SetBytes(System.Text.Encoding.UTF8.GetBytes(error.PublicMessage is { } message
            ? $"{{ \"statusCode\": {error.StatusCode}, \"message\": \"{message}\" }}"
            : $"{{ \"statusCode\": 500, \"message\": \"Internal server error\", \"activityId\": \"{context.RequestId}\" }}"));
        response.Exists = true;
        return default;
    }
}
