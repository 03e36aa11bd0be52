using System.Text;

namespace OpenCharly.Operations;

/// <summary>
/// What a console log tells of panics of the guest's kernel. Emulated processors lose a race of the guest's about once in some
/// hundred boots; a kernel that was told to boot again (<c>panic=</c>) does so by itself, any other stands still for ever.
/// </summary>
/// <param name="log">The console log.</param>
/// <param name="fromEnd">Whether what it holds already is of earlier boots, as with a backend that appends to it.</param>
internal sealed class PanicWatch(string log, bool fromEnd)
{
    private const string Panic = "Kernel panic - not syncing";

    private const string End = "---[ end Kernel panic";

    private long _offset = fromEnd && File.Exists(log) ? new FileInfo(log).Length : 0;

    private string _line = "";

    private string _last = "";

    /// <summary>How often the kernel panicked.</summary>
    public int Count { get; private set; }

    /// <summary>Whether the last word on the console is that of a kernel that will not boot again.</summary>
    public bool StandsStill { get; private set; }

    /// <summary>Reads what was written since the last look.</summary>
    public void Look()
    {
        if (!File.Exists(log)) return;
        using var stream = new FileStream(log, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);

        // Shorter than before: it was begun anew, for another boot.
        if (stream.Length < _offset) (_offset, _line) = (0, "");
        if (stream.Length == _offset) return;
        stream.Seek(_offset, SeekOrigin.Begin);
        using var reader = new StreamReader(stream, Encoding.Latin1);
        var text = _line + reader.ReadToEnd();
        _offset = stream.Position;
        var lines = text.Split('\n');
        _line = lines[^1];
        foreach (var line in lines[..^1].Select(VmConsoleTail.Clean).Where(l => l.Length > 0))
        {
            if (line.Contains(Panic, StringComparison.Ordinal) && !line.Contains(End, StringComparison.Ordinal)) Count++;
            _last = line;
        }

        StandsStill = _last.Contains(End, StringComparison.Ordinal) && VmConsoleTail.Clean(_line).Length == 0;
    }
}
