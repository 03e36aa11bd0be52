using OpenCharly.Foundation;

namespace OpenCharly.Boxes;

/// <summary>Says so when work that should print has printed nothing for long, and what it printed last.</summary>
internal sealed class SilenceWatch : IDisposable
{
    /// <summary>How long silence needs no word.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    private readonly Lock _gate = new();
    private readonly string _what;
    private readonly TimeProvider _clock;
    private readonly Action<string> _tell;
    private readonly ITimer _timer;
    private string _last = "";
    private long _heard;
    private TimeSpan _next = Patience;

    /// <summary>Begins to listen.</summary>
    /// <param name="what">The work, such as <c>building localhost/web:1</c>.</param>
    /// <param name="clock">Tells the time.</param>
    /// <param name="tell">Gets the sentence: once the patience is over, then each time that the silence has doubled.</param>
    public SilenceWatch(string what, TimeProvider clock, Action<string> tell)
    {
        (_what, _clock, _tell) = (what, clock, tell);
        _heard = clock.GetTimestamp();
        _timer = clock.CreateTimer(_ => Look(), null, TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(5));
    }

    /// <summary>Something was printed.</summary>
    public void Heard(string line)
    {
        lock (_gate)
        {
            _heard = _clock.GetTimestamp();
            _next = Patience;
            if (line.Trim().Length > 0) _last = line.Trim();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _timer.Dispose();

    private void Look()
    {
        string text;
        lock (_gate)
        {
            var silence = _clock.GetElapsedTime(_heard);
            if (silence < _next) return;
            _next = silence * 2;
            var last = _last.Length == 0 ? "it has not printed anything yet" : $"its last line was \"{(_last.Length > 160 ? _last[..160] + "…" : _last)}\"";
            text = FormattableString.Invariant($"{_what} has printed nothing for {silence.TotalSeconds:0} s; {last}. If it can't take that long, stop it with Ctrl-C");
        }

        _tell(text);
    }
}
