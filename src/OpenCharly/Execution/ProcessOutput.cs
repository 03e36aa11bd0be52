using System.Text;

namespace OpenCharly.Execution;

/// <summary>Collects one output stream of a program and hands on its lines as they come.</summary>
internal sealed class ProcessOutput
{
    private readonly StringBuilder _all = new();
    private readonly StringBuilder _line = new();
    private readonly bool _isError;
    private readonly Action<OutputLine>? _output;
    private readonly Lock _gate;

    /// <summary>Starts reading.</summary>
    /// <param name="reader">The stream.</param>
    /// <param name="isError">Whether it is standard error.</param>
    /// <param name="output">Gets the lines.</param>
    /// <param name="gate">Shared by the streams of a program, so that calls never overlap.</param>
    public ProcessOutput(TextReader reader, bool isError, Action<OutputLine>? output, Lock gate)
    {
        _isError = isError;
        _output = output;
        _gate = gate;
        Ended = PumpAsync(reader);
    }

    /// <summary>Completes at the end of the stream; fails if the handler of lines failed.</summary>
    public Task Ended { get; }

    /// <summary>All that came so far.</summary>
    /// <exception cref="Exception">What the handler of lines threw.</exception>
    public string Text
    {
        get
        {
            if (Ended.IsFaulted) Ended.GetAwaiter().GetResult();
            lock (_gate) return _all.ToString();
        }
    }

    private async Task PumpAsync(TextReader reader)
    {
        var block = new char[16 * 1024];
        while (await reader.ReadAsync(block).ConfigureAwait(false) is var count and > 0)
        {
            lock (_gate) Take(block.AsSpan(0, count));
        }

        lock (_gate)
        {
            if (_line.Length > 0) Emit();
        }
    }

    private void Take(ReadOnlySpan<char> text)
    {
        _all.Append(text);
        if (_output is null) return;
        while (text.IndexOf('\n') is var end and >= 0)
        {
            _line.Append(text[..end]);
            Emit();
            text = text[(end + 1)..];
        }

        _line.Append(text);
    }

    private void Emit()
    {
        var text = _line.ToString();
        _line.Clear();
        _output!(new OutputLine(_isError, text));
    }
}
