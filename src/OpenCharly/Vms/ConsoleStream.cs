using System.Diagnostics;
using System.Net.Sockets;
using System.Net.WebSockets;
using OpenCharly.Foundation;

namespace OpenCharly.Vms;

/// <summary>Opens a console, wherever it is: bytes both ways until the guest goes off.</summary>
internal static class ConsoleStream
{
    /// <summary>Opens it.</summary>
    /// <exception cref="SocketException">Nobody answers on the socket.</exception>
    /// <exception cref="WebSocketException">Nobody answers at the address.</exception>
    /// <exception cref="IOException">The terminal can't be opened.</exception>
    public static async Task<Stream> OpenAsync(ConsoleEndpoint endpoint, CancellationToken cancellationToken)
    {
        switch (endpoint.Kind)
        {
            case ConsoleKind.Socket:
                var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                try
                {
                    await socket.ConnectAsync(new UnixDomainSocketEndPoint(endpoint.Address), cancellationToken).ConfigureAwait(false);
                    return new NetworkStream(socket, ownsSocket: true);
                }
                catch
                {
                    socket.Dispose();
                    throw;
                }

            case ConsoleKind.WebSocket:
                var web = new ClientWebSocket();
                try
                {
                    await web.ConnectAsync(new Uri(endpoint.Address), cancellationToken).ConfigureAwait(false);
                    return WebSocketStream.Create(web, WebSocketMessageType.Binary, TimeSpan.FromSeconds(1));
                }
                catch
                {
                    web.Dispose();
                    throw;
                }

            case ConsoleKind.Terminal:
                return new TerminalStream(endpoint.Address);
            default:
                throw new ArgumentOutOfRangeException(nameof(endpoint), endpoint.Kind, "there is no console");
        }
    }

    /// <summary>
    /// A terminal device. A read of one can't be given up, so a child reads it: when it is ended, the read ends.
    /// </summary>
    private sealed class TerminalStream : Stream
    {
        private readonly FileStream _terminal;
        private readonly Process _reader;
        private bool _isClosed;

        public TerminalStream(string path)
        {
            _terminal = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
            _reader = Process.Start(new ProcessStartInfo("cat", [path]) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false })
                ?? throw new IOException($"{path} can't be read");
        }

        public override bool CanRead => true;

        public override bool CanWrite => true;

        public override bool CanSeek => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override int Read(byte[] buffer, int offset, int count) => _reader.StandardOutput.BaseStream.Read(buffer, offset, count);

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            _reader.StandardOutput.BaseStream.ReadAsync(buffer, cancellationToken);

        public override void Write(byte[] buffer, int offset, int count) => _terminal.Write(buffer, offset, count);

        public override void Flush() => _terminal.Flush();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            if (disposing && !_isClosed)
            {
                _isClosed = true;
                if (!_reader.HasExited) _reader.Kill();
                _reader.Dispose();
                _terminal.Dispose();
            }

            base.Dispose(disposing);
        }
    }
}
