using System.Globalization;

namespace Postern.Testing;

/// <summary>Three throw-away masters that share the slots of a cluster.</summary>
public sealed class RedisCluster : IAsyncDisposable
{
    private readonly List<RedisServer> _masters;

    private RedisCluster(List<RedisServer> masters) => _masters = masters;

    public IReadOnlyList<RedisServer> Masters => _masters;

    /// <summary>Null when Redis is not installed.</summary>
    public static async Task<RedisCluster?> StartAsync(string? password = null)
    {
        var masters = new List<RedisServer>();
        for (var i = 0; i < 3; i++)
        {
            // What is left of a cluster goes on; members find each other in a second.
            string[] authentication = password is null ? [] : ["--masterauth", password];
            if (await RedisServer.StartAsync(
                password, null, ["--cluster-enabled", "yes", "--cluster-config-file", "nodes.conf", "--cluster-require-full-coverage", "no", "--cluster-node-timeout", "2000",
                    "--cluster-port", RedisServer.FreePort().ToString(CultureInfo.InvariantCulture), .. authentication]) is not { } master)
            {
                return null;
            }

            masters.Add(master);
        }

        var cluster = new RedisCluster(masters);
        string[] login = password is null ? [] : ["-a", password, "--no-auth-warning"];
        var said = await masters[0].CliAsync([.. login, "--cluster", "create", .. masters.Select(master => $"127.0.0.1:{master.Port}"), "--cluster-yes"]);
        if (!said.Contains("All 16384 slots covered", StringComparison.Ordinal))
        {
            await cluster.DisposeAsync();
            throw new InvalidOperationException($"redis-cli made no cluster: {said}");
        }

        foreach (var master in masters)
        {
            // Each makes up its own mind about when all slots are served.
            while (!(await master.CliAsync([.. login, "cluster", "info"])).Contains("cluster_state:ok", StringComparison.Ordinal))
            {
            }
        }

        return cluster;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var master in _masters)
        {
            await master.DisposeAsync();
        }
    }
}
