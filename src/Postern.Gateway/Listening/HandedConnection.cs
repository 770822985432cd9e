using System.IO.Pipelines;
using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Features;

namespace Postern.Gateway.Listening;

/// <summary>A connection in its second endpoint: the same bytes, with features of its own so that the endpoints do not disturb each other.</summary>
internal sealed class HandedConnection(ConnectionContext connection) : ConnectionContext
{
    private readonly TaskCompletionSource _served = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Done when the second endpoint let go of the connection.</summary>
    public Task Served => _served.Task;

    public override string ConnectionId { get; set; } = connection.ConnectionId;

    public override IFeatureCollection Features { get; } = new FeatureCollection(connection.Features);

    public override IDictionary<object, object?> Items { get; set; } = connection.Items;

    public override IDuplexPipe Transport { get; set; } = PoolReader.Wrap(connection.Transport);

    public override CancellationToken ConnectionClosed { get; set; } = connection.ConnectionClosed;

    public override EndPoint? LocalEndPoint { get; set; } = connection.LocalEndPoint;

    public override EndPoint? RemoteEndPoint { get; set; } = connection.RemoteEndPoint;

    public override void Abort(ConnectionAbortedException abortReason) => connection.Abort(abortReason);

    public override ValueTask DisposeAsync()
    {
        _served.TrySetResult();
        return default;
    }
}
