using System.Collections.Immutable;
using Postern.Authority.Tokens;

namespace Postern.Authority.Tenancy;

/// <summary>Ensures at start what the seed names. Doing it again changes nothing, and touches no disk.</summary>
internal sealed class DirectorySeeding(DirectoryStore store, VerifiedSecrets verified, TimeProvider time, int secretRounds)
{
    private static readonly DateTimeOffset Never = new(9999, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <exception cref="AuthorityException">A463.</exception>
    public void Ensure(AuthoritySeed seed)
    {
        if (!IsName(seed.TenantId) || seed.Applications.Any(each => !IsName(each.ClientId) || !IsName(each.ObjectId)))
        {
            throw new AuthorityException(AuthorityDiagnostics.Seed, "Tenant, client and object ids of the seed must be GUIDs, or letters, digits, '-' and '.'.");
        }

        if (!store.Current.Tenants.ContainsKey(seed.TenantId))
        {
            store.Write(change =>
            {
                change.Put(new Tenant(seed.TenantId, time.GetUtcNow()));
                return true;
            });
        }

        // Hashing is what takes time at a start.
        var ready = seed.Applications.AsParallel().AsOrdered().Select(wanted => (wanted, SecretsFor(wanted))).ToList();
        foreach (var (wanted, secrets) in ready)
        {
            if (!IsThere(seed.TenantId, wanted, secrets))
            {
                store.Write(change => Put(change, seed.TenantId, wanted, secrets));
            }

            if (wanted.Secret is not null)
            {
                verified.Add(store.Current.ApplicationByAppId(wanted.ClientId)!.ObjectId, wanted.Secret, secrets.Single(secret => secret.Seeded).KeyId);
            }
        }
    }

    /// <summary>They are parts of addresses.</summary>
    private static bool IsName(string id) => id.Length is > 0 and <= 64 && id.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '.');

    private bool IsThere(string tenant, SeedApplication wanted, ImmutableArray<ClientSecret> secrets) =>
        store.Current.ApplicationByAppId(wanted.ClientId) is { } application
        && application.DisplayName == wanted.DisplayName
        && application.Credentials.Secrets.SequenceEqual(secrets)
        && store.Current.PrincipalByAppId(tenant, wanted.ClientId) is { Enabled: true } principal
        && string.Equals(principal.ObjectId, wanted.ObjectId, StringComparison.OrdinalIgnoreCase)
        && principal.DisplayName == wanted.DisplayName
        && principal.DirectoryWriter == wanted.DirectoryWriter;

    /// <summary>The application's secrets with the seeded one as wanted; the very same list when that is already so.</summary>
    private ImmutableArray<ClientSecret> SecretsFor(SeedApplication wanted)
    {
        var there = store.Current.ApplicationByAppId(wanted.ClientId)?.Credentials.Secrets ?? [];
        var kept = there.RemoveAll(secret => secret.Seeded);
        if (wanted.Secret is null)
        {
            return kept;
        }

        if (there.Length == kept.Length + 1 && there.Single(secret => secret.Seeded).Hash.Matches(wanted.Secret))
        {
            return there;
        }

        var id = Guid.NewGuid().ToString();
        return kept.Add(new(id, "seed", "", SecretHash.Of(wanted.Secret, secretRounds), time.GetUtcNow(), Never, Seeded: true));
    }

    private bool Put(DirectoryTransaction change, string tenant, SeedApplication wanted, ImmutableArray<ClientSecret> secrets)
    {
        var now = time.GetUtcNow();
        if (change.State.ApplicationByAppId(wanted.ClientId) is { } there && !string.Equals(there.TenantId, tenant, StringComparison.OrdinalIgnoreCase))
        {
            throw new AuthorityException(AuthorityDiagnostics.Seed, $"The application {wanted.ClientId} of the seed belongs to another tenant.");
        }

        var application = change.State.ApplicationByAppId(wanted.ClientId)
            ?? new Application(tenant, Guid.NewGuid().ToString(), wanted.ClientId, wanted.DisplayName, now, [], [], Credentials.None);
        change.Put(application with
        {
            DisplayName = wanted.DisplayName,
            Credentials = application.Credentials with { Secrets = secrets },
        });

        var principal = change.State.PrincipalByAppId(tenant, wanted.ClientId);
        if (principal is not null && !string.Equals(principal.ObjectId, wanted.ObjectId, StringComparison.OrdinalIgnoreCase))
        {
            change.Remove(principal);
            principal = null;
        }

        if (principal is null && change.State.Exists(wanted.ObjectId))
        {
            throw new AuthorityException(AuthorityDiagnostics.Seed,
                $"The object id {wanted.ObjectId} that the seed gives to '{wanted.DisplayName}' belongs to another object.");
        }

        principal ??= new(tenant, wanted.ObjectId, wanted.ClientId, PrincipalKind.Application, wanted.DisplayName, true, now,
            [], [], [], Credentials.None);
        change.Put(principal with { DisplayName = wanted.DisplayName, Enabled = true, DirectoryWriter = wanted.DirectoryWriter });
        return true;
    }
}
