using Azure.Identity;

namespace Postern.Gateway.Loading;

/// <summary>What the authority said when it issued no token. The identity library often keeps it in an inner exception.</summary>
internal static class AuthorityAnswer
{
    /// <returns>One line, with the <c>AADSTS</c> code when there is one.</returns>
    public static string Of(AuthenticationFailedException failed)
    {
        var messages = new List<string>();
        for (Exception? error = failed; error is not null; error = error.InnerException)
        {
            messages.Add(error.Message);
        }

        var said = messages.Find(message => message.Contains("AADSTS", StringComparison.Ordinal)) ?? messages.FindLast(message => message.Length > 0) ?? "no reason was given.";
        var start = Math.Max(0, said.IndexOf("AADSTS", StringComparison.Ordinal));
        return said[start..].Split('\n', 2)[0].Trim();
    }
}
