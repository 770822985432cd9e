namespace Postern.Up;

/// <summary>Files of <c>samples/contoso</c>, which travel inside the executable.</summary>
internal static class Sample
{
    /// <param name="path">Such as <c>policies/global.xml</c>.</param>
    public static string Read(string path)
    {
        using var stream = typeof(Sample).Assembly.GetManifestResourceStream($"sample/{path}")
            ?? throw new FileNotFoundException($"The sample has no file '{path}'.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
