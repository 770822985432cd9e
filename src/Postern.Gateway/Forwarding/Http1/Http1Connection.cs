using System.Buffers;
using System.Net.Sockets;
using System.Runtime.CompilerServices;

namespace Postern.Gateway.Forwarding.Http1;

internal enum AbortReason : byte
{
    None,

    /// <summary>The answer's head did not come in time.</summary>
    Timeout,

    /// <summary>The caller went away.</summary>
    Client,
}

/// <summary>
/// One kept connection to a backend. It serves one exchange at a time, from <see cref="Begin"/> to <see cref="End"/>, and holds buffers only
/// in between.
/// </summary>
internal sealed class Http1Connection : IDisposable
{
    private const int InputSize = 8 * 1024;

    private readonly Socket _socket;
    private readonly Stream? _tls;
    private readonly TimeProvider _time;
    private readonly Lock _gate = new();
    private ITimer? _timer;
    private long _deadline = long.MaxValue;
    private long _armedFor = long.MaxValue;
    private CancellationTokenRegistration _callerGone;
    private byte[] _input = [];
    private bool _filling;
    private int _start;
    private int _end;

    /// <param name="tls">Null for a plain connection.</param>
    public Http1Connection(Socket socket, Stream? tls, TimeProvider time)
    {
        _socket = socket;
        _tls = tls;
        _time = time;
        CreatedAt = IdleSince = time.GetTimestamp();
    }

    public OutputBuffer Output { get; } = new();

    public HeadLineCache Lines { get; } = new();

    /// <summary>Timestamp of <see cref="TimeProvider"/>, as is <see cref="IdleSince"/>.</summary>
    public long CreatedAt { get; }

    public long IdleSince { get; private set; }

    /// <summary>How long the backend said that it keeps an idle connection; null when it said nothing.</summary>
    public TimeSpan? KeepAlive { get; set; }

    /// <summary>An exchange was completed here before, so the backend may have closed since.</summary>
    public bool WasUsed { get; private set; }

    /// <summary>Something of this exchange's answer came.</summary>
    public bool HasAnswered { get; private set; }

    public AbortReason AbortedBy { get; private set; }

    /// <summary>The request's body on its way; null when it has none.</summary>
    public Http1Upload? Upload { get; set; }

    public ReadOnlySpan<byte> Unread => _input.AsSpan(_start, _end - _start);

    /// <param name="timeout">Until <see cref="HeadCame"/>; infinite for none.</param>
    public void Begin(TimeSpan timeout, CancellationToken aborted)
    {
        _input = ArrayPool<byte>.Shared.Rent(InputSize);
        _start = _end = 0;
        HasAnswered = false;
        Output.Begin();
        if (timeout != Timeout.InfiniteTimeSpan)
        {
            SetDeadline(timeout);
        }

        _callerGone = aborted.UnsafeRegister(static self => ((Http1Connection)self!).Abort(AbortReason.Client), this);
    }

    /// <summary>From here on only the caller decides how long the answer may take.</summary>
    public void HeadCame()
    {
        lock (_gate)
        {
            _deadline = long.MaxValue;
        }
    }

    /// <summary>Lets go of the buffers and of the caller. The connection may be used again when nothing is left to be read.</summary>
    /// <returns>False when it must be closed.</returns>
    public bool End()
    {
        // Waits for a callback that is running: no late one may hit the next exchange.
        _callerGone.Dispose();
        _callerGone = default;
        HeadCame();
        var clean = _start == _end && AbortedBy == AbortReason.None && !_filling;
        if (!_filling)
        {
            // A read that nobody waits for any more may still write into its buffer: another exchange must not get that one.
            ArrayPool<byte>.Shared.Return(_input);
        }

        _input = [];
        _start = _end = 0;
        Output.End();
        Upload = null;
        WasUsed = true;
        IdleSince = _time.GetTimestamp();
        return clean;
    }

    /// <summary>Ends an upload whose answer is there already: what the backend did not want to read before it answered is not sent.</summary>
    /// <returns>False when the connection must be closed, because half a body went out.</returns>
    public async ValueTask<bool> EndUploadAsync()
    {
        if (Upload is not { IsComplete: false } upload)
        {
            return true;
        }

        // A backend that has stopped reading would keep the piece that is on its way, and the caller, for ever.
        _socket.Dispose();
        await upload.StopAsync();
        return false;
    }

    public ValueTask SendOutputAsync() => SendAsync(Output.Written);

    public ValueTask SendAsync(ReadOnlyMemory<byte> bytes)
    {
        if (_tls is not null)
        {
            return _tls.WriteAsync(bytes);
        }

        var sending = _socket.SendAsync(bytes, SocketFlags.None);
        if (!sending.IsCompletedSuccessfully)
        {
            return SendRestAsync(sending, bytes);
        }

        var sent = sending.Result;
        return sent == bytes.Length ? default : SendRestAsync(new(sent), bytes);
    }

    /// <summary>Reads past the input buffer, straight to where the bytes are wanted; only when <see cref="Unread"/> is empty.</summary>
    /// <returns>0 when the backend closed.</returns>
    public ValueTask<int> ReceiveAsync(Memory<byte> destination) =>
        _tls is null ? _socket.ReceiveAsync(destination, SocketFlags.None) : _tls.ReadAsync(destination);

    public void Advance(int count) => _start += count;

    /// <summary>Brings more into the input buffer.</summary>
    /// <returns>False when the backend closed.</returns>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<bool> FillAsync()
    {
        MakeRoom();
        _filling = true;
        var read = await ReceiveAsync(_input.AsMemory(_end));
        _filling = false;
        _end += read;
        HasAnswered |= read > 0;
        return read > 0;
    }

    /// <summary>Costs a system call. False when the backend has closed or sent something that nobody asked for.</summary>
    public bool LooksAlive()
    {
        try
        {
            return !_socket.Poll(0, SelectMode.SelectRead) || (_tls is not null && _socket.Available > 0);
        }
        catch (SocketException)
        {
            return false;
        }
    }

    /// <summary>Ends the exchange from outside; its pending read or write fails.</summary>
    public void Abort(AbortReason reason)
    {
        lock (_gate)
        {
            if (AbortedBy == AbortReason.None)
            {
                AbortedBy = reason;
            }
        }

        _socket.Dispose();
    }

    public void Dispose()
    {
        _timer?.Dispose();
        _tls?.Dispose();
        _socket.Dispose();
    }

    private void MakeRoom()
    {
        if (_start == _end)
        {
            _start = _end = 0;
        }
        else if (_end == _input.Length)
        {
            var unread = _end - _start;
            if (_start >= _input.Length / 2)
            {
                _input.AsSpan(_start, unread).CopyTo(_input);
            }
            else
            {
                // Only heads and trailers gather here, and HeadScanner bounds them.
                var larger = ArrayPool<byte>.Shared.Rent(_input.Length * 2);
                _input.AsSpan(_start, unread).CopyTo(larger);
                ArrayPool<byte>.Shared.Return(_input);
                _input = larger;
            }

            _start = 0;
            _end = unread;
        }
    }

    private async ValueTask SendRestAsync(ValueTask<int> sending, ReadOnlyMemory<byte> bytes)
    {
        var sent = await sending;
        while (sent < bytes.Length)
        {
            sent += await _socket.SendAsync(bytes[sent..], SocketFlags.None);
        }
    }

    /// <summary>The timer is not set anew for each exchange: when it fires too early it goes on for the rest.</summary>
    private void SetDeadline(TimeSpan timeout)
    {
        var deadline = _time.GetTimestamp() + (long)(timeout.TotalSeconds * _time.TimestampFrequency);
        lock (_gate)
        {
            _deadline = deadline;
            if (_armedFor > deadline)
            {
                _armedFor = deadline;
                _timer ??= CreateTimer();
                _timer.Change(timeout, Timeout.InfiniteTimeSpan);
            }
        }
    }

    private ITimer CreateTimer()
    {
        using (ExecutionContext.SuppressFlow())
        {
            return _time.CreateTimer(static self => ((Http1Connection)self!).OnTimer(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
    }

    private void OnTimer()
    {
        lock (_gate)
        {
            _armedFor = long.MaxValue;
            if (_deadline == long.MaxValue)
            {
                return;
            }

            var left = _time.GetElapsedTime(_time.GetTimestamp(), _deadline);
            if (left > TimeSpan.Zero)
            {
                _armedFor = _deadline;
                _timer!.Change(left, Timeout.InfiniteTimeSpan);
                return;
            }

            AbortedBy = AbortedBy == AbortReason.None ? AbortReason.Timeout : AbortedBy;
            _socket.Dispose();
        }
    }
}
