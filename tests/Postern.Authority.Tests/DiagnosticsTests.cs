namespace Postern.Authority.Tests;

public sealed class DiagnosticsTests
{
    [Fact]
    public void Every_entry_has_an_id_of_its_own_a_cause_and_a_cure()
    {
        Assert.Equal(AuthorityDiagnostics.All.Count, AuthorityDiagnostics.All.Select(entry => entry.Id).Distinct(StringComparer.Ordinal).Count());
        Assert.All(AuthorityDiagnostics.All, entry =>
        {
            Assert.Matches("^A4[67][0-9]$", entry.Id);
            Assert.NotEmpty(entry.Title);
            Assert.NotEmpty(entry.Cause);
            Assert.NotEmpty(entry.Cure);
        });
    }
}
