using System.Globalization;
using System.Text;

namespace Postern.Configuration.Folder;

/// <summary>
/// Resource names as names of folders. What a file system could take for something else (separators, <c>..</c>, hidden files, characters
/// that Windows refuses) is written as <c>%XX</c>; everything else stays as it is, so that APIOps finds the folder it expects.
/// </summary>
internal static class FolderNames
{
    private const string Unsafe = "%/\\\"|:*?<>";

    public static string Encode(string name)
    {
        var result = new StringBuilder(name.Length);
        for (var i = 0; i < name.Length; i++)
        {
            var c = name[i];
            var edge = (i == 0 && c is '.' or ' ') || (i == name.Length - 1 && c is '.' or ' ');
            if (edge || char.IsControl(c) || Unsafe.Contains(c, StringComparison.Ordinal))
            {
                foreach (var octet in Encoding.UTF8.GetBytes([c]))
                {
                    result.Append(CultureInfo.InvariantCulture, $"%{octet:X2}");
                }
            }
            else
            {
                result.Append(c);
            }
        }

        return result.ToString();
    }

    /// <returns>Null when the result could not be a resource's name: empty, <c>.</c>, <c>..</c>, or with a separator or control character.</returns>
    public static string? Decode(string folder)
    {
        var name = folder.Contains('%', StringComparison.Ordinal) ? Uri.UnescapeDataString(folder) : folder;
        return name.Length is 0 or > 256 || name is "." or ".." || name.Any(c => c is '/' or '\\' || char.IsControl(c)) ? null : name;
    }
}
