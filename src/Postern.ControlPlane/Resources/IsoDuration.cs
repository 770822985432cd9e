using System.Xml;

namespace Postern.ControlPlane.Resources;

/// <summary>Durations as the contract writes them: <c>PT1H</c>, <c>P1DT12H</c>.</summary>
internal static class IsoDuration
{
    public static bool TryParse(string text, out TimeSpan duration)
    {
        try
        {
            duration = XmlConvert.ToTimeSpan(text);
            return true;
        }
        catch (Exception malformed) when (malformed is FormatException or OverflowException)
        {
            duration = default;
            return false;
        }
    }
}
