using System.Globalization;
using OpenCharly.Execution;
using OpenCharly.Foundation;
using OpenCharly.Vms;

namespace OpenCharly.Operations;

/// <summary>Keeps a folder of a virtual machine in step with one here.</summary>
public sealed class SyncVm
{
    /// <summary>rsync's exit code for a failure of the stream, also where the guest has no rsync.</summary>
    private const int NoProtocol = 12;

    private const int CommandNotFound = 127;

    private readonly VmServices _services;

    /// <summary>Makes the operation.</summary>
    /// <param name="context">What it works with.</param>
    public SyncVm(CharlyContext context)
        : this(new VmServices(context))
    {
    }

    internal SyncVm(VmServices services) => _services = services;

    /// <summary>Runs rsync, as root in the guest, and sends only what differs.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.FileMissing"/>, <see cref="Errors.BadName"/> for an owner that is none,
    /// <see cref="Errors.VmNotRunning"/>, <see cref="Errors.VmState"/>, <see cref="Errors.TransferFailed"/>, <see cref="Errors.ToolMissing"/>.</exception>
    public async Task<TransferResult> RunAsync(SyncVmRequest request, CancellationToken cancellationToken = default)
    {
        var from = _services.Context.Environment.Resolve(request.From);
        if (request.From.EndsWith('/') && !from.EndsWith('/')) from += "/";
        if (!File.Exists(from) && !Directory.Exists(from)) throw new CharlyException(Errors.FileMissing, $"there is no {from}", "Check the path.", target: from);
        if (request.Chown is { } owner && !owner.Split(':').All(Names.IsUser))
        {
            throw new CharlyException(Errors.BadName, $"\"{owner}\" is no owner", "Write user or user:group.", target: owner);
        }

        var vm = await _services.ResolveAsync(request.Name, cancellationToken).ConfigureAwait(false);
        var services = _services.For(vm);
        await services.RequireReachableAsync(vm, cancellationToken).ConfigureAwait(false);
        var line = new SshCommandLine(services.SshAccess.DestinationFor(vm, request.User, request.Port, request.KeyPath), services.Context.Paths);
        var result = await services.Context.Processes.RunAsync(new ProcessRequest("rsync", Words(request, from, line)), cancellationToken).ConfigureAwait(false);
        if (!result.Succeeded)
        {
            var isMissing = result.ExitCode is NoProtocol or CommandNotFound && result.StandardError.Contains("not found", StringComparison.Ordinal);
            throw new CharlyException(
                Errors.TransferFailed,
                $"{from} could not be brought to {vm}:{request.To}: {result.Tail(2)}",
                isMissing ? $"The guest needs rsync: charly vm ssh {vm} -- sudo apt-get install -y rsync" : "Check that the path can be made in the guest, and that the account may use sudo.",
                target: vm.ToString());
        }

        return Read(vm, request, from, result);
    }

    /// <summary>rsync's words (vm.md §11).</summary>
    internal static IReadOnlyList<string> Words(SyncVmRequest request, string from, SshCommandLine line) =>
    [
        "-av", "--stats", "--protect-args", "--out-format=%n",
        "-e", "ssh " + string.Join(' ', line.Options.Select(QuoteForRsync)),
        .. request.DryRun ? (string[])["--dry-run"] : [],
        .. request.Delete ? (string[])["--delete"] : [],
        .. request.Chown is { } owner ? (string[])[$"--chown={owner}"] : [],
        .. request.Excludes.Where(e => e.Length > 0).SelectMany(e => (string[])["--exclude", e]),
        "--rsync-path", "sudo -n rsync",
        "--", from, $"{line.Destination.Address}:{request.To}",
    ];

    // rsync splits this by itself, without a shell: blanks end a word, and a doubled quote is one.
    private static string QuoteForRsync(string word) =>
        word.Any(c => c is ' ' or '\'' or '"' or '\t') ? "'" + word.Replace("'", "''", StringComparison.Ordinal) + "'" : word;

    private static TransferResult Read(VmName vm, SyncVmRequest request, string from, CommandResult result)
    {
        var lines = result.StandardOutput.Split('\n').Select(l => l.TrimEnd('\r')).ToArray();
        var items = lines.TakeWhile(l => !l.StartsWith("Number of files:", StringComparison.Ordinal)).Where(l => l.Length > 0 && !l.StartsWith("sending incremental", StringComparison.Ordinal) && !l.EndsWith('/')).ToArray();
        return new TransferResult(
            vm.ToString(), request.From, $"{vm}:{request.To}", Number("Number of regular files transferred:"), Number("Total transferred file size:"), result.Duration, items);

        long Number(string label) =>
            lines.FirstOrDefault(l => l.StartsWith(label, StringComparison.Ordinal)) is { } line
            && long.TryParse(string.Concat(line[label.Length..].Where(char.IsAsciiDigit)), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;
    }
}
