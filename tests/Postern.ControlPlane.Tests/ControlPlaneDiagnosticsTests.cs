using System.Text.RegularExpressions;

namespace Postern.ControlPlane.Tests;

public sealed partial class ControlPlaneDiagnosticsTests
{
    [Fact]
    public void Every_diagnostic_has_an_id_of_its_own_a_cause_and_a_cure()
    {
        var all = ControlPlaneDiagnostics.All;

        Assert.Equal(all.Count, all.Select(entry => entry.Id).Distinct().Count());
        Assert.All(all, entry =>
        {
            Assert.Matches(Id(), entry.Id);
            Assert.All([entry.Title, entry.Cause, entry.Cure], text => Assert.False(string.IsNullOrWhiteSpace(text)));
        });
    }

    [Fact]
    public void Every_id_in_the_code_is_listed()
    {
        var fields = typeof(ControlPlaneDiagnostics).GetFields(System.Reflection.BindingFlags.NonPublic | System.Reflection.BindingFlags.Static)
            .Where(field => field.IsLiteral).Select(field => (string)field.GetRawConstantValue()!);

        Assert.Equal(fields.Order(StringComparer.Ordinal), ControlPlaneDiagnostics.All.Select(entry => entry.Id).Order(StringComparer.Ordinal));
    }

    [GeneratedRegex("^C3[0-9]{2}$")]
    private static partial Regex Id();
}
