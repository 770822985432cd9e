using Microsoft.AspNetCore.Http;
using Postern.Gateway.Routing;
using Postern.Gateway.State;
using Postern.Snapshots;

namespace Postern.Bench.Subjects;

/// <summary>A path to its API and operation. The cost must not depend on how many APIs there are.</summary>
internal sealed class Routing(int apis) : Subject
{
    private readonly HeaderDictionary _headers = [];
    private readonly RouteParameters _parameters = new();
    private ApiTable _table = null!;
    private string[] _paths = [];
    private int _next;

    public override string Name => $"routing: {apis} APIs of 10 operations";

    public static IEnumerable<Subject> Variants() => [new Routing(10), new Routing(10_000)];

    public override void Prepare()
    {
        _table = new(Enumerable.Range(0, apis).Select(Api));
        var random = new Random(1);
        _paths = [.. Enumerable.Range(0, 256).Select(_ => $"/area{random.Next(apis)}/things/42/part{random.Next(8)}")];
    }

    public override void Run()
    {
        var path = _paths[_next++ & 255];
        var api = _table.Find(path, new(ApiProtocol.Http, "", _headers), out var start);
        if (api!.Operations.Find(path, start, "GET", "", _parameters) is null)
        {
            throw new InvalidOperationException($"{path} was not found.");
        }

        _parameters.Return(0);
    }

    private static ApiState Api(int number)
    {
        OperationSnapshot[] operations =
        [
            new("list", "list", "GET", "/things"),
            new("get", "get", "GET", "/things/{id}"),
            .. Enumerable.Range(0, 8).Select(part => new OperationSnapshot($"part{part}", $"part{part}", "GET", $"/things/{{id}}/part{part}")),
        ];
        var snapshot = new ApiSnapshot(
            $"api{number}", $"API {number}", $"area{number}", ["http", "https"], "http://localhost", false, "Ocp-Apim-Subscription-Key", "subscription-key",
            "http", "1", true, null, null, operations);
        return new(snapshot, new([.. operations.Select((operation, index) => new OperationState(operation, index))]));
    }
}
