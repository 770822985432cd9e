// The measure that gateways are compared with: YARP as its own documentation starts it, one route, one destination, nothing else.
// Usage: Postern.Bench.Yarp <port> <backend base address>

using Yarp.ReverseProxy.Configuration;

var builder = WebApplication.CreateSlimBuilder();
builder.Logging.ClearProviders();
builder.WebHost.ConfigureKestrel(kestrel => kestrel.ListenLocalhost(int.Parse(args[0])));
builder.Services.AddReverseProxy().LoadFromMemory(
    [new RouteConfig { RouteId = "all", ClusterId = "backend", Match = new RouteMatch { Path = "{**rest}" } }],
    [new ClusterConfig { ClusterId = "backend", Destinations = new Dictionary<string, DestinationConfig> { ["only"] = new() { Address = args[1] } } }]);

var app = builder.Build();
app.MapReverseProxy();
app.Run();
