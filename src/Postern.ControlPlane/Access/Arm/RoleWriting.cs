namespace Postern.ControlPlane.Access.Arm;

/// <summary>One change of role data at a time: its checks look at other rows than the one that is written.</summary>
internal sealed class RoleWriting : IDisposable
{
    private readonly SemaphoreSlim _turn = new(1, 1);

    public async ValueTask<Turn> EnterAsync(CancellationToken cancellation)
    {
        await _turn.WaitAsync(cancellation);
        return new(_turn);
    }

    public void Dispose() => _turn.Dispose();

    internal readonly struct Turn(SemaphoreSlim turn) : IDisposable
    {
        public void Dispose() => turn.Release();
    }
}
