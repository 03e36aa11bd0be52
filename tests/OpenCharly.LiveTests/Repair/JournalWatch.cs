namespace OpenCharly.LiveTests.Repair;

/// <summary>Looks at a ledger's journals from outside while a run writes them, as often as it can.</summary>
public sealed class JournalWatch : IDisposable
{
    private readonly string _installed;
    private readonly long? _wanted;
    private readonly HashSet<string> _before;
    private readonly bool _wasThere;
    private readonly DateTime _lock;
    private readonly List<long> _lengths = [];
    private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Thread _thread;
    private volatile bool _stop;

    /// <summary>Begins to look.</summary>
    /// <param name="installed">The ledger's folder.</param>
    /// <param name="wanted">How long the journals have to be; 0 for the lock alone; null for no end.</param>
    public JournalWatch(string installed, long? wanted)
    {
        _installed = installed;
        _wanted = wanted;
        _before = [.. Journals().Select(f => f.FullName)];
        var held = new FileInfo(Path.Combine(installed, ".lock"));
        (_wasThere, _lock) = (held.Exists, held.Exists ? held.LastWriteTimeUtc : default);
        _thread = new Thread(Look) { IsBackground = true };
        _thread.Start();
    }

    /// <summary>Ends as soon as the journals are long enough.</summary>
    public Task Reached => _reached.Task;

    /// <summary>How long they were last.</summary>
    public long Last { get; private set; }

    /// <summary>All lengths that were seen, in order.</summary>
    public IReadOnlyList<long> Lengths
    {
        get
        {
            lock (_lengths) return [.. _lengths];
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _stop = true;
        _thread.Join();
    }

    private void Look()
    {
        while (!_stop)
        {
            var length = Journals().Where(f => !_before.Contains(f.FullName)).Sum(Length);
            if (length > Last)
            {
                Last = length;
                lock (_lengths) _lengths.Add(length);
            }

            if (_wanted is { } wanted && (wanted == 0 ? IsLocked() : length >= wanted)) _reached.TrySetResult();
            Thread.Sleep(0);
        }
    }

    private bool IsLocked()
    {
        var held = new FileInfo(Path.Combine(_installed, ".lock"));
        return held.Exists && (!_wasThere || held.LastWriteTimeUtc != _lock);
    }

    private IEnumerable<FileInfo> Journals()
    {
        try
        {
            return new DirectoryInfo(Path.Combine(_installed, "journal")).GetFiles("*.log");
        }
        catch (IOException)
        {
            return [];
        }
    }

    // Only asked for: to open it would take a lock on it.
    private static long Length(FileInfo file)
    {
        try
        {
            return file.Length;
        }
        catch (IOException)
        {
            return 0;
        }
    }
}
