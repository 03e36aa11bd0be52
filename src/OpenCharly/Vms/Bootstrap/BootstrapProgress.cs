using OpenCharly.Execution;
using OpenCharly.Foundation;

namespace OpenCharly.Vms.Bootstrap;

/// <summary>Turns what mmdebstrap prints into progress, and keeps its last lines for an error message.</summary>
internal sealed class BootstrapProgress(string activity, IProgress<CharlyEvent> progress)
{
    private const int KeptLines = 12;

    // In the order in which mmdebstrap comes to them; our own two stages follow.
    private static readonly string[] Milestones =
    [
        "running apt-get update", "downloading packages with apt", "extracting archives", "installing essential packages",
        "downloading apt", "installing remaining packages", "running --customize-hook", "cleaning package lists",
    ];

    private readonly Queue<string> _last = new();
    private int _done;

    private static int Total => Milestones.Length + 2;

    /// <summary>The last lines that were printed.</summary>
    public string Tail => string.Join('\n', _last);

    /// <summary>Takes a line.</summary>
    public void Line(OutputLine line)
    {
        if (line.Text.Length == 0) return;
        _last.Enqueue(line.Text);
        if (_last.Count > KeptLines) _last.Dequeue();
        progress.Report(new NoticeEvent(NoticeLevel.Debug, line.Text));
        var index = Array.FindIndex(Milestones, m => line.Text.Contains(m, StringComparison.Ordinal));
        if (index + 1 > _done) Report(index + 1);
    }

    /// <summary>The tree is finished, the file system is being made.</summary>
    public void MakingFileSystem() => Report(Milestones.Length);

    /// <summary>The raw disk is finished and is being compressed.</summary>
    public void Compressing() => Report(Milestones.Length + 1);

    /// <summary>All is done.</summary>
    public void Completed() => Report(Total);

    private void Report(int done)
    {
        _done = done;
        progress.Report(new ProgressEvent(activity, done, Total, "steps", done == Total));
    }
}
