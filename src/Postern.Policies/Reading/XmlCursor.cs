namespace Postern.Policies.Reading;

/// <summary>A place in a text that moves on over tokens, or says what it found instead of them.</summary>
internal sealed class XmlCursor(string text)
{
    public string Text => text;

    public int At { get; set; }

    public bool AtEnd => At >= text.Length;

    /// <summary>The next character; not to be asked at the end.</summary>
    public char Next => text[At];

    public bool IsAt(char c) => !AtEnd && text[At] == c;

    public bool IsAt(string expected) => string.CompareOrdinal(text, At, expected, 0, expected.Length) == 0;

    public bool IsAtSpace => !AtEnd && char.IsWhiteSpace(text[At]);

    public void SkipSpace()
    {
        while (IsAtSpace)
        {
            At++;
        }
    }

    /// <summary>To the place after <paramref name="end"/>, which is looked for <paramref name="from"/> characters further on.</summary>
    public void SkipTo(string end, int from, string message, string element)
    {
        var found = text.IndexOf(end, At + from, StringComparison.Ordinal);
        At = found < 0 ? throw new MalformedXmlException(At, element, message) : found + end.Length;
    }

    public void Expect(char c, string element)
    {
        if (!IsAt(c))
        {
            throw new MalformedXmlException(At, element, $"Expected '{c}', found {Found(At)}.");
        }

        At++;
    }

    public string ReadName(string element, string what)
    {
        var start = At;
        while (!AtEnd && IsNameCharacter(Next, At == start))
        {
            At++;
        }

        return At > start ? text[start..At] : throw new MalformedXmlException(start, element, $"Expected {what}, found {Found(start)}.");
    }

    private string Found(int offset) => offset < text.Length ? $"'{text[offset]}'" : "the end of the text";

    private static bool IsNameCharacter(char c, bool first) =>
        char.IsLetter(c) || c is '_' or ':' || (!first && (char.IsDigit(c) || c is '-' or '.' or '\u00B7'));
}
