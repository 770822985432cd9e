namespace Postern.ControlPlane.Store;

/// <summary>The newest revision that this process knows of, and who waits for the next one.</summary>
internal sealed class StoreHead(long revision)
{
    private readonly Lock _gate = new();
    private long _revision = revision;
    private TaskCompletionSource _moved = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Advance(long revision)
    {
        TaskCompletionSource moved;
        lock (_gate)
        {
            if (revision <= _revision)
            {
                return;
            }

            _revision = revision;
            (moved, _moved) = (_moved, new(TaskCreationOptions.RunContinuationsAsynchronously));
        }

        moved.SetResult();
    }

    public async Task WaitBeyondAsync(long revision, CancellationToken cancellation)
    {
        while (true)
        {
            Task moved;
            lock (_gate)
            {
                if (_revision > revision)
                {
                    return;
                }

                moved = _moved.Task;
            }

            await moved.WaitAsync(cancellation);
        }
    }
}
