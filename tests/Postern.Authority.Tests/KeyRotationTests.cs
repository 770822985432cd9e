using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Postern.Authority.Keys;

namespace Postern.Authority.Tests;

public sealed class KeyRotationTests
{
    private const string Scope = "https://azure-api.net/configuration/.default";

    [Fact]
    public async Task A_successor_is_published_before_it_signs_and_the_old_key_after_it_did()
    {
        await using var authority = await TestAuthority.StartAsync();
        var first = await KidAsync(authority);
        Assert.Equal([first], await PublishedAsync(authority));

        authority.Clock.Advance(SigningKeyRing.Lifetime - SigningKeyRing.Lead);
        await (await authority.GraphAsync(TestAuthority.Operator)).PostAsync("/signingKeys/rotate", new { leadMinutes = 60 });
        var published = await PublishedAsync(authority);
        Assert.Equal(2, published.Count);
        Assert.Equal(first, await KidAsync(authority));
        var lastOfFirst = await authority.TokenAsync(TestAuthority.Reader, Scope);

        authority.Clock.Advance(TimeSpan.FromHours(1));
        var second = await KidAsync(authority);
        Assert.Equal(published.Single(kid => kid != first), second);
        Assert.True(TokenReader.IsSignedBy(lastOfFirst, await KeySetAsync(authority)));

        authority.Clock.Advance(SigningKeyRing.Overlap);
        Assert.Equal([second], await PublishedAsync(authority));
    }

    [Fact]
    public async Task Keys_renew_themselves_when_nobody_looks()
    {
        await using var authority = await TestAuthority.StartAsync();
        var first = await KidAsync(authority);

        authority.Clock.Advance(SigningKeyRing.Lifetime + SigningKeyRing.Overlap + TimeSpan.FromDays(400));

        var second = await KidAsync(authority);
        Assert.NotEqual(first, second);
        Assert.DoesNotContain(first, await PublishedAsync(authority));
    }

    [Fact]
    public void The_successor_of_a_key_that_ends_soon_is_made_in_time()
    {
        var folder = TestAuthority.NewFolder();
        try
        {
            var clock = new ManualClock();
            using var database = Tenancy.DirectoryDatabase.Open(folder);
            var log = Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance;
            var ring = new SigningKeyRing(new(database, KeySeal.LoadOrCreate(folder), log), clock, log);
            var first = ring.Current;

            clock.Advance(SigningKeyRing.Lifetime - SigningKeyRing.Lead);
            ring.Tend();

            Assert.Equal(first.Kid, ring.Current.Kid);
            var next = Assert.Single(ring.Published, key => key.Kid != first.Kid);
            clock.Advance(SigningKeyRing.Lead);
            Assert.Equal(next.Kid, ring.Current.Kid);
            Assert.Equal(2, ring.Published.Count());
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task A_leaked_key_is_revoked_with_all_its_tokens_and_stays_so_after_a_restart()
    {
        var folder = TestAuthority.NewFolder();
        try
        {
            string leaked;
            await using (var authority = await TestAuthority.StartAsync(folder))
            {
                var graph = await authority.GraphAsync(TestAuthority.Operator);
                leaked = await KidAsync(authority);

                Assert.Equal(200, (await graph.PostAsync("/signingKeys/rotate", new { revoke = true })).Status);

                Assert.Equal([await KidAsync(authority)], await PublishedAsync(authority));
                Assert.Equal(401, (await graph.GetAsync("/groups")).Status);
            }

            await using var again = await TestAuthority.StartAsync(folder);
            Assert.DoesNotContain(leaked, await PublishedAsync(again));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task Only_directory_writers_rotate_and_only_within_a_week()
    {
        await using var authority = await TestAuthority.StartAsync();

        Assert.Equal(403, (await (await authority.GraphAsync(TestAuthority.Reader)).PostAsync("/signingKeys/rotate", new { })).Status);
        Assert.Equal(400, (await (await authority.GraphAsync(TestAuthority.Operator)).PostAsync("/signingKeys/rotate", new { leadMinutes = 20000 })).Status);
        Assert.Single(await PublishedAsync(authority));
    }

    private static async Task<string> KidAsync(TestAuthority authority) =>
        TokenReader.Header(await authority.TokenAsync(TestAuthority.Reader, Scope))["kid"]!.GetValue<string>();

    private static async Task<JsonObject> KeySetAsync(TestAuthority authority) =>
        (await authority.Http.GetFromJsonAsync<JsonObject>("/common/discovery/v2.0/keys"))!;

    private static async Task<List<string>> PublishedAsync(TestAuthority authority) =>
        [.. (await KeySetAsync(authority))["keys"]!.AsArray().Select(key => key!["kid"]!.GetValue<string>())];
}
