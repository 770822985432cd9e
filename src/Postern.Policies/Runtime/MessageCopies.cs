namespace Postern.Policies.Runtime;

internal static class MessageCopies
{
    /// <summary>Makes <paramref name="target"/> what this response is; its own headers and body go.</summary>
    public static void CopyTo(this PolicyResponse source, PolicyResponse target)
    {
        target.StatusCode = source.StatusCode;
        target.Reason = source.Reason;
        target.Headers.Clear();
        foreach (var (name, value) in source.Headers)
        {
            target.Headers[name] = value;
        }

        if (source.Body.State == MessageBodyState.Buffered)
        {
            target.Body.SetBytes(source.Body.Bytes);
        }
        else
        {
            target.Body.SetEmpty();
        }

        target.Exists = true;
    }
}
