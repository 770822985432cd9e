namespace Postern.ControlPlane.Tests.Conformance;

/// <summary>How one official example is replayed.</summary>
/// <param name="Path">Below the service; <c>{name}</c> stands for the example's parameter. Empty for the service itself.</param>
/// <param name="Seeds">Resources that must be there before, below the service; made with minimal bodies.</param>
/// <param name="FromAnswer">GET and list examples show what is there: it is put first, from the example's own answer.</param>
/// <param name="Different">Members of <c>properties</c> that are compared by presence only, because the example changes them.</param>
internal sealed record ExampleCase(string File, HttpMethod Method, string Path, params string[] Seeds)
{
    public bool FromAnswer { get; init; }

    public string[] Different { get; init; } = [];

    /// <summary>Status that is right here although the example of this version has another.</summary>
    public int? Status { get; init; }

    public ExampleCase Shown() => this with { FromAnswer = true };

    public ExampleCase Except(params string[] members) => this with { Different = members };

    public static ExampleCase Put(string file, string path, params string[] seeds) => new(file, HttpMethod.Put, path, seeds);

    public static ExampleCase Get(string file, string path, params string[] seeds) => new(file, HttpMethod.Get, path, seeds) { FromAnswer = true };

    public static ExampleCase Post(string file, string path, params string[] seeds) => new(file, HttpMethod.Post, path, seeds);

    public static ExampleCase Delete(string file, string path, params string[] seeds) => new(file, HttpMethod.Delete, path, seeds);

    public static ExampleCase Head(string file, string path, params string[] seeds) => new(file, HttpMethod.Head, path, seeds);

    public static ExampleCase Patch(string file, string path, params string[] seeds) => new(file, HttpMethod.Patch, path, seeds);
}
