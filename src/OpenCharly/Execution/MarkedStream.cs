using System.Buffers;
using System.Text;

namespace OpenCharly.Execution;

/// <summary>
/// Reads one output stream of a session: cuts it into lines, keeps the bytes, and finds the markers of the session,
/// also behind a last line that has no newline.
/// </summary>
/// <param name="source">The stream.</param>
/// <param name="nonce">The session's word; what looks like a marker with another word is output.</param>
/// <param name="gate">Held while <paramref name="marker"/> or a line is handled, so that both streams take turns.</param>
/// <param name="marker">Called with the words of each marker.</param>
internal sealed class MarkedStream(Stream source, string nonce, Lock gate, Action<MarkedStream, string[]> marker)
{
    private const int BlockSize = 64 * 1024;

    private readonly byte[] _prefix = [ShellLoop.MarkerStart, .. Encoding.ASCII.GetBytes(nonce + " ")];
    private readonly ArrayBufferWriter<byte> _line = new();
    private ArrayBufferWriter<byte> _kept = new();

    /// <summary>Gets each complete line, and a last one without newline; null while nobody wants them.</summary>
    public Action<string>? Line { get; set; }

    /// <summary>Whether bytes are kept; output that comes while no script runs is dropped.</summary>
    public bool IsKeeping { get; set; } = true;

    /// <summary>What was kept since <see cref="Clear"/>.</summary>
    public ReadOnlyMemory<byte> Kept => _kept.WrittenMemory;

    /// <summary>What was kept, as text; bytes that are not UTF-8 become replacement characters.</summary>
    public string Text => Encoding.UTF8.GetString(_kept.WrittenSpan);

    /// <summary>Forgets what was kept.</summary>
    public void Clear() => _kept = new ArrayBufferWriter<byte>();

    /// <summary>Reads to the end of the stream.</summary>
    public async Task PumpAsync()
    {
        var block = new byte[BlockSize];
        try
        {
            while (await source.ReadAsync(block).ConfigureAwait(false) is var count and > 0)
            {
                lock (gate) Take(block.AsSpan(0, count));
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // A broken pipe is the end of the stream too; the session notices that its marker is missing.
        }

        lock (gate)
        {
            if (_line.WrittenCount > 0) Finish(ends: false);
        }
    }

    private void Take(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            var end = bytes.IndexOf((byte)'\n');
            if (end < 0)
            {
                _line.Write(bytes);
                return;
            }

            if (_line.WrittenCount == 0)
            {
                Handle(bytes[..end], ends: true);
            }
            else
            {
                _line.Write(bytes[..end]);
                Finish(ends: true);
            }

            bytes = bytes[(end + 1)..];
        }
    }

    private void Finish(bool ends)
    {
        Handle(_line.WrittenSpan, ends);
        _line.ResetWrittenCount();
    }

    private void Handle(ReadOnlySpan<byte> line, bool ends)
    {
        var at = ends ? line.IndexOf(_prefix) : -1;
        if (at < 0)
        {
            Keep(line, ends);
            return;
        }

        if (at > 0) Keep(line[..at], ends: false);
        marker(this, Encoding.UTF8.GetString(line[(at + _prefix.Length)..]).Split(' '));
    }

    private void Keep(ReadOnlySpan<byte> line, bool ends)
    {
        if (!IsKeeping) return;
        _kept.Write(line);
        if (ends) _kept.Write("\n"u8);
        Line?.Invoke(Encoding.UTF8.GetString(line));
    }
}
