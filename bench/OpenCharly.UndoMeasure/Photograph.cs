using OpenCharly.Execution;
using OpenCharly.Foundation;
using OpenCharly.Operations;

namespace OpenCharly.UndoMeasure;

/// <summary>
/// What stands on a machine's root file system: type, mode, owner, content, link target and extended attributes of every
/// path; which packages are marked as automatic; which units run. Two photographs are compared to prove that undo
/// leaves no difference.
/// </summary>
internal sealed class Photograph
{
    private readonly SortedDictionary<string, string> _paths;

    private Photograph(SortedDictionary<string, string> paths) => _paths = paths;

    /// <summary>Number of paths.</summary>
    public int Count => _paths.Count;

    /// <summary>Takes a photograph of a running virtual machine.</summary>
    /// <param name="context">What operations work with.</param>
    /// <param name="vm">The machine; its account may become root without a password.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public static Task<Photograph> TakeAsync(CharlyContext context, string vm, CancellationToken cancellationToken = default) => TakeAsync(
        (command, token) => new RunInVm(context).RunAsync(new RunInVmRequest { Name = vm, Command = command, Timeout = TimeSpan.FromMinutes(5) }, token),
        cancellationToken);

    /// <summary>Takes a photograph of any machine.</summary>
    /// <param name="run">Runs a command there, as an account that may become root without a password.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public static async Task<Photograph> TakeAsync(Func<string, CancellationToken, Task<CommandResult>> run, CancellationToken cancellationToken = default)
    {
        var lines = await RunAsync(run, "take", cancellationToken).ConfigureAwait(false);
        if (lines.Length == 0 || lines[^1] != "end\t.") throw new InvalidOperationException($"the photograph is cut: {lines.LastOrDefault()}");
        var paths = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var line in lines.SkipLast(1))
        {
            var tab = line.LastIndexOf('\t');
            paths[line[(tab + 1)..]] = line[..tab];
        }

        return new Photograph(paths);
    }

    /// <summary>How many paths are new and changed since the last photograph; cheap, since no content is read.</summary>
    public static async Task<(int New, int Changed)> CountAsync(Func<string, CancellationToken, Task<CommandResult>> run, CancellationToken cancellationToken = default)
    {
        var numbers = (await RunAsync(run, "count", cancellationToken).ConfigureAwait(false))[0].Split(' ').Select(int.Parse).ToArray();
        return (numbers[0], numbers[1]);
    }

    /// <summary>The paths that differ, each with what happened to it; empty if the photographs are the same.</summary>
    public IReadOnlyList<string> DifferenceTo(Photograph later) =>
    [
        .. _paths.Where(p => !later._paths.ContainsKey(p.Key)).Select(p => $"gone: {p.Key} ({p.Value})"),
        .. later._paths.Where(p => !_paths.ContainsKey(p.Key)).Select(p => $"new: {p.Key} ({p.Value})"),
        .. _paths.Where(p => later._paths.TryGetValue(p.Key, out var now) && now != p.Value).Select(p => $"changed: {p.Key} ({p.Value} => {later._paths[p.Key]})"),
    ];

    private static async Task<string[]> RunAsync(Func<string, CancellationToken, Task<CommandResult>> run, string verb, CancellationToken cancellationToken)
    {
        using var resource = typeof(Photograph).Assembly.GetManifestResourceStream("photograph.py")!;
        using var reader = new StreamReader(resource);
        var script = await reader.ReadToEndAsync(cancellationToken).ConfigureAwait(false);
        var command = Shell.Join(["sudo", "python3", "-c", script, verb, .. Exclusions.All.Select(e => e.Path)]);
        var result = await run(command, cancellationToken).ConfigureAwait(false);
        if (!result.Succeeded) throw new InvalidOperationException($"the photograph failed: {result.Tail()}");
        return result.StandardOutput.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }
}
