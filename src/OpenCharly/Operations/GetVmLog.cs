using System.Runtime.CompilerServices;
using System.Text;
using OpenCharly.Foundation;
using OpenCharly.Vms;

namespace OpenCharly.Operations;

/// <summary>Reads the logs of a virtual machine.</summary>
public sealed class GetVmLog
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    private readonly VmServices _services;

    /// <summary>Makes the operation.</summary>
    /// <param name="context">What it works with.</param>
    public GetVmLog(CharlyContext context)
        : this(new VmServices(context))
    {
    }

    internal GetVmLog(VmServices services) => _services = services;

    /// <summary>Lines in order, terminal control left out; a missing log is a line that says so.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.VmNotFound"/>, <see cref="Errors.VmNotCreated"/>, <see cref="Errors.BadName"/>; <see cref="Errors.Usage"/> for fewer than no lines.</exception>
    public async IAsyncEnumerable<VmLogLine> RunAsync(VmLogRequest request, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        if (request.Tail < 0) throw new CharlyException(Errors.Usage, $"{request.Tail} lines can't be shown", "Say 1 or more, or 0 for all.");
        var name = await _services.ResolveAsync(request.Name, cancellationToken).ConfigureAwait(false);
        await _services.RequireHandleAsync(name, cancellationToken).ConfigureAwait(false);
        var files = _services.Files(name);
        var isBoth = request.Console == request.Provision;
        List<Log> logs = [];
        if (isBoth || request.Console) logs.Add(new Log("console", files.ConsoleLog));
        if (isBoth || request.Provision) logs.Add(new Log("provision", files.ProvisionLog));
        foreach (var log in logs)
        {
            if (!File.Exists(log.Path))
            {
                yield return new VmLogLine(log.Name, $"(there is no {log.Name} log yet: {log.Path})");
                continue;
            }

            var lines = log.ReadOn(takePartial: !request.Follow);
            foreach (var line in request.Tail > 0 ? lines.TakeLast(request.Tail) : lines) yield return new VmLogLine(log.Name, line);
        }

        while (request.Follow)
        {
            foreach (var log in logs)
            {
                foreach (var line in log.ReadOn(takePartial: false)) yield return new VmLogLine(log.Name, line);
            }

            await Task.Delay(Pause, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>A log with the place up to which it was read.</summary>
    private sealed class Log(string name, string path)
    {
        private long _position;

        public string Name => name;

        public string Path => path;

        /// <summary>The lines since the last call; one that has no end yet only if asked for.</summary>
        public List<string> ReadOn(bool takePartial)
        {
            if (!File.Exists(path)) return [];
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);

            // A start begins the console log anew.
            if (stream.Length < _position) _position = 0;
            stream.Position = _position;
            var bytes = new byte[stream.Length - _position];
            var count = stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            var text = bytes.AsSpan(0, count);
            if (!takePartial) text = text[..(text.LastIndexOf((byte)'\n') + 1)];
            _position += text.Length;
            var lines = Encoding.UTF8.GetString(text).Split('\n');
            return [.. (lines[^1].Length == 0 ? lines[..^1] : lines).Select(VmConsoleTail.Clean)];
        }
    }
}
