using Postern.Gateway.Caching;
using Postern.Snapshots;

namespace Postern.Gateway.Tests.Caching;

public sealed class ExternalCacheSelectionTests
{
    [Theory]
    [InlineData("cellar", "default=d cellar=c", "c")]
    [InlineData("cellar", "cellar=c default=d", "c")]
    [InlineData("CELLAR ", "default=d cellar=c", "c")]
    [InlineData("attic", "default=d cellar=c", "d")]
    [InlineData("", "default=d cellar=c", "d")]
    [InlineData("attic", "cellar=c", "")]
    [InlineData("default", "default=d", "d")]
    [InlineData("cellar", "", "")]
    public void The_cache_of_the_location_beats_the_default_one(string location, string caches, string chosen)
    {
        var all = caches.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(text => new CacheSnapshot(text.Split('=')[1], text.Split('=')[0], "redis:6379"));

        Assert.Equal(chosen, ExternalCaches.Choose(all, location)?.Id ?? "");
    }

    [Fact]
    public void The_text_of_a_cache_shows_no_password() =>
        Assert.DoesNotContain("secret", new CacheSnapshot("a", "default", "redis:6379,password=secret").ToString(), StringComparison.Ordinal);
}
