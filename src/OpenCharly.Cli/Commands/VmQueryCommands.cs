using System.CommandLine;
using OpenCharly.Cli.Output;
using OpenCharly.Foundation;
using OpenCharly.Operations;

namespace OpenCharly.Cli.Commands;

/// <summary><c>charly vm list</c>.</summary>
internal sealed class VmListCommand : Command
{
    private readonly Argument<string[]> _names;
    private readonly Option<bool> _all = Parameters.Flag("--all", "Also machines that do not run", "-a");
    private readonly Option<bool> _clean = Parameters.Flag("--clean-orphans", "First remove domains of libvirt's named charly-... that are off and whose machine is gone; disks stay");
    private readonly Option<bool> _dryRun = Parameters.Flag("--dry-run", "With --clean-orphans: only say which", "-n");

    public VmListCommand(CommandHost host) : base("list", "List machines that run or are suspended")
    {
        Add(_names = Parameters.VmNames(host));
        Add(_all);
        Add(_clean);
        Add(_dryRun);
        SetAction(host.Action(RunAsync));
    }

    public VmQuery Request(ParseResult parsed)
    {
        var names = parsed.GetValue(_names) ?? [];
        // Whoever names a machine wants to see it in whatever state it is.
        return new VmQuery { Names = names, RunningOnly = names.Length == 0 && !parsed.GetValue(_all) };
    }

    private async Task<int> RunAsync(Invocation run, CancellationToken cancellationToken)
    {
        var request = Request(run.Parsed);
        if (run.Parsed.GetValue(_clean)) await CleanAsync(run, cancellationToken).ConfigureAwait(false);
        else if (run.Parsed.GetValue(_dryRun)) throw new CharlyException(Errors.Usage, "--dry-run goes with --clean-orphans", "A list changes nothing: leave it out.");
        var vms = await new GetVms(run.Context).RunAsync(request, cancellationToken).ConfigureAwait(false);
        if (vms.Count == 0)
        {
            run.Tell(NoticeLevel.Info, request.RunningOnly ? "no machine runs; charly vm list --all shows the others" : "no machines");
        }

        run.PrintAll(vms, all => all.Count == 0 ? "" : run.Table(VmText.ListColumns, all.Select(VmText.ListRow)), VmJson.Write);
        return 0;
    }

    private async Task CleanAsync(Invocation run, CancellationToken cancellationToken)
    {
        var orphans = new CleanVmOrphans(run.Context);
        foreach (var domain in await orphans.FindAsync(cancellationToken).ConfigureAwait(false))
        {
            if (!run.Parsed.GetValue(_dryRun)) await orphans.RunAsync(domain, cancellationToken).ConfigureAwait(false);
            run.Tell(NoticeLevel.Info, run.Parsed.GetValue(_dryRun) ? $"would remove the domain {domain}, whose machine is gone" : $"the domain {domain}, whose machine is gone, was removed");
        }
    }
}

/// <summary><c>charly vm status</c>.</summary>
internal sealed class VmStatusCommand : Command
{
    private readonly Argument<string[]> _names;

    public VmStatusCommand(CommandHost host) : base("status", "Show all that is known of machines")
    {
        Add(_names = Parameters.VmNames(host));
        SetAction(host.Action(RunAsync));
    }

    public VmQuery Request(ParseResult parsed) => new() { Names = parsed.GetValue(_names) ?? [] };

    private async Task<int> RunAsync(Invocation run, CancellationToken cancellationToken)
    {
        var vms = await new GetVms(run.Context).RunAsync(Request(run.Parsed), cancellationToken).ConfigureAwait(false);
        run.PrintAll(vms, all => string.Join('\n', all.Select(VmText.Details)), VmJson.Write);
        return 0;
    }
}

/// <summary><c>charly vm log</c>.</summary>
internal sealed class VmLogCommand : Command
{
    private readonly Argument<string?> _name;
    private readonly Option<bool> _console = Parameters.Flag("--console", "Only the console log");
    private readonly Option<bool> _provision = Parameters.Flag("--provision", "Only the provision log");
    private readonly Option<int?> _tail = Parameters.Whole("--tail", "N", "Only the last N lines; 0 is all", "-n");
    private readonly Option<bool> _follow = Parameters.Flag("--follow", "Go on with new lines until interrupted", "-f");

    public VmLogCommand(CommandHost host) : base("log", "Print the logs of a machine")
    {
        Add(_name = Parameters.VmNameOrOnly(host));
        Add(_console);
        Add(_provision);
        Add(_tail);
        Add(_follow);
        SetAction(host.Action(RunAsync));
    }

    public VmLogRequest Request(ParseResult parsed) => new()
    {
        Name = parsed.GetValue(_name) ?? "",
        Console = parsed.GetValue(_console),
        Provision = parsed.GetValue(_provision),
        Tail = parsed.GetValue(_tail) ?? 0,
        Follow = parsed.GetValue(_follow),
    };

    private async Task<int> RunAsync(Invocation run, CancellationToken cancellationToken)
    {
        var request = Request(run.Parsed);
        await foreach (var line in new GetVmLog(run.Context).RunAsync(request, cancellationToken).ConfigureAwait(false))
        {
            run.Print(run.IsJson ? VmJson.LogLine(line) : line.Text + "\n");
            if (request.Follow) await run.Terminal.Out.FlushAsync(cancellationToken).ConfigureAwait(false);
        }

        return 0;
    }
}
