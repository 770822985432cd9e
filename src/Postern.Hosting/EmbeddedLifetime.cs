using Microsoft.Extensions.Hosting;

namespace Postern.Hosting;

/// <summary>
/// The lifetime of a host inside a bigger process. The default one would listen for Ctrl-C in every role and write to the console;
/// only the executable does that, and disposes its roles in order.
/// </summary>
public sealed class EmbeddedLifetime : IHostLifetime
{
    public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
