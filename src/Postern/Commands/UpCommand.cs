using System.CommandLine;
using System.Diagnostics;
using Postern.Up;

namespace Postern.Commands;

/// <summary><c>postern up</c>: everything in one process, for a laptop or a test.</summary>
internal static class UpCommand
{
    public static Command Create()
    {
        var data = new Option<string>("--data") { Description = "Folder of this system's data", DefaultValueFactory = _ => ".postern" };
        var ports = new Option<string[]>("--ports")
        {
            Description = $"name=port,… (names: {UpPorts.Names}; 0 takes a free port; 'free' alone: free ports for all)",
            AllowMultipleArgumentsPerToken = true,
        };
        var reset = new Option<bool>("--reset") { Description = "Delete the data folder first and start anew" };
        var command = new Command("up", "Run authority, control plane, one gateway, portal and a sample API in this process") { data, ports, reset };
        command.SetAction((parsed, cancellation) => RunAsync(
            new UpFolder(Path.GetFullPath(parsed.GetValue(data)!)), parsed.GetValue(ports) ?? [], parsed.GetValue(reset), cancellation));
        return command;
    }

    private static async Task<int> RunAsync(UpFolder folder, IReadOnlyList<string> ports, bool reset, CancellationToken cancellation)
    {
        try
        {
            var started = Stopwatch.GetTimestamp();
            var chosen = UpPorts.Parse(ports);
            if (reset)
            {
                folder.Reset();
            }

            using var logging = RoleLogging.CreateQuiet();
            await using (var system = await UpSystem.StartAsync(folder, chosen, TimeProvider.System, logging, cancellation))
            {
                Console.Out.Write(Greeting(system, Stopwatch.GetElapsedTime(started)));
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellation).ContinueWith(_ => { }, TaskScheduler.Default);
                Console.Out.WriteLine("Stopping…");
            }

            return 0;
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            return 0;
        }
        catch (Exception failure) when (StartFailure.IsExpected(failure))
        {
            Console.Error.WriteLine($"postern up: {failure.Message}");
            return 1;
        }
    }

    private static string Greeting(UpSystem system, TimeSpan elapsed)
    {
        var connection = system.Connection;
        return $"""

              Postern is up ({elapsed.TotalSeconds:0.0} s).

              Gateway         {connection["GATEWAY_URL"]}  and  {connection["GATEWAY_HTTP_URL"]}
              Management API  {connection["ARM_ENDPOINT"]}{new Scenario(null!, system.Identity.SubscriptionId, null!).Service}
              Authority       {connection["AZURE_AUTHORITY_HOST"]}{connection["AZURE_TENANT_ID"]}
              Portal          {system.PortalSignIn}
              Credentials     {system.Folder.Connection}  (source it; only you can read it)

              Call the sample API:
                curl --cacert {connection["CA_FILE"]} -H "Ocp-Apim-Subscription-Key: {connection["SUBSCRIPTION_KEY"]}" {connection["GATEWAY_URL"]}/sales/orders/17

              Ctrl-C stops everything; the data stays in {system.Folder.Path} ('postern up --reset' starts anew).


            """;
    }
}
