namespace Postern.Policies;

/// <summary>
/// Compiles a small document once in the life of a process, so that the C# compiler is loaded and its code made while the process waits for
/// its configuration anyway. Nothing waits for it and nothing depends on it.
/// </summary>
public static class PolicyCompilerWarmUp
{
    private const string Document = """
        <policies><inbound>
            <set-variable name="a" value="@(context.Request.Headers.GetValueOrDefault("a", "") + context.Subscription?.Id)" />
            <set-variable name="b" value="@(string.Join(",", context.User == null ? new string[0] : context.User.Groups.Select(group => group.Name)))" />
            <set-variable name="c" value="@((string)context.Request.Body?.As<JObject>(preserveContent: true)["a"]?["b"])" />
            <set-variable name="d" value="@{ var jwt = "".AsJwt(); foreach (var part in context.Request.OriginalUrl.Path.Split('/')) { if (part.Length > 9) { return part; } } return jwt == null ? "a" : "b"; }" />
        </inbound></policies>
        """;

    private static readonly Lazy<Task<CompiledPolicy>> Once = new(() =>
    {
        var done = new TaskCompletionSource<CompiledPolicy>(TaskCreationOptions.RunContinuationsAsynchronously);
        CompilerThreads.Start(() => done.SetResult(new PolicyCompiler().Compile(new(PolicyScope.Global, "warm-up", PolicyFormat.RawXml, Document), new None())));
        return done.Task;
    });

    /// <summary>Begins on a thread of its own with low priority; the second and later calls do nothing.</summary>
    /// <returns>Done when the document is compiled.</returns>
    public static Task<CompiledPolicy> Start() => Once.Value;

    private sealed class None : IPolicyReferences
    {
        public string? FindNamedValue(string name) => null;

        public PolicySource? FindFragment(string id) => null;
    }
}
