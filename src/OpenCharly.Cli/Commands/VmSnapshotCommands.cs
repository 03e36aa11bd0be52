using System.CommandLine;
using OpenCharly.Cli.Output;
using OpenCharly.Operations;
using OpenCharly.Vms;

namespace OpenCharly.Cli.Commands;

/// <summary><c>charly vm snapshot</c>.</summary>
internal static class VmSnapshotCommands
{
    public static Command Group(CommandHost host) => new("snapshot", "Snapshots of a machine")
    {
        new VmSnapshotCreateCommand(host),
        new VmSnapshotListCommand(host),
        new VmSnapshotRestoreCommand(host),
        new VmSnapshotDeleteCommand(host),
        new VmSnapshotPromoteCommand(host),
    };
}

/// <summary><c>charly vm snapshot create</c>.</summary>
internal sealed class VmSnapshotCreateCommand : Command
{
    private static readonly Dictionary<string, VmSnapshotMode?> Modes = new() { ["internal"] = VmSnapshotMode.Internal, ["external"] = VmSnapshotMode.External };

    private readonly Argument<string> _name;
    private readonly Argument<string> _snapshot = new("snapshot") { Description = "Name of the new snapshot", HelpName = "SNAPSHOT" };
    private readonly Option<VmSnapshotMode?> _mode = Parameters.OneOf("--mode", "Inside the disk, or a file of its own that clones stand on (default: the backend's)", Modes);
    private readonly Option<string?> _description = Parameters.Text("--description", "TEXT", "A word on what it is");
    private readonly Option<bool> _quiesce = Parameters.Flag("--quiesce", "Freeze the guest's file systems meanwhile, by its agent");
    private readonly Option<bool> _diskOnly = Parameters.Flag("--disk-only", "Leave the memory of a running machine out");
    private readonly Option<bool> _dryRun = Parameters.DryRun();

    public VmSnapshotCreateCommand(CommandHost host) : base("create", "Take a snapshot, of a running machine with its memory")
    {
        Add(_name = Parameters.VmName(host));
        Add(_snapshot);
        foreach (var option in (Option[])[_mode, _description, _quiesce, _diskOnly, _dryRun]) Add(option);
        SetAction(host.Action(RunAsync));
    }

    public CreateVmSnapshotRequest Request(ParseResult parsed) => new()
    {
        Name = parsed.GetRequiredValue(_name),
        Snapshot = parsed.GetRequiredValue(_snapshot),
        Mode = parsed.GetValue(_mode),
        Description = parsed.GetValue(_description),
        Quiesce = parsed.GetValue(_quiesce),
        DiskOnly = parsed.GetValue(_diskOnly),
    };

    private async Task<int> RunAsync(Invocation run, CancellationToken cancellationToken)
    {
        var request = Request(run.Parsed);
        if (run.Parsed.GetValue(_dryRun)) return await VmPreviews.PrintAsync(run, new PreviewVmRequest(VmVerb.Snapshot, request.Name, request.Snapshot), cancellationToken).ConfigureAwait(false);
        run.Print(await new CreateVmSnapshot(run.Context).RunAsync(request, cancellationToken).ConfigureAwait(false), VmSnapshotText.OneLine, VmJson.Write);
        return 0;
    }
}

/// <summary><c>charly vm snapshot list</c>.</summary>
internal sealed class VmSnapshotListCommand : Command
{
    private readonly Argument<string> _name;

    public VmSnapshotListCommand(CommandHost host) : base("list", "List the snapshots of a machine, oldest first")
    {
        Add(_name = Parameters.VmName(host));
        SetAction(host.Action(RunAsync));
    }

    private async Task<int> RunAsync(Invocation run, CancellationToken cancellationToken)
    {
        var snapshots = await new GetVmSnapshots(run.Context).RunAsync(run.Parsed.GetRequiredValue(_name), cancellationToken).ConfigureAwait(false);
        run.PrintAll(snapshots, all => all.Count == 0 ? "" : run.Table(VmSnapshotText.Columns, all.Select(VmSnapshotText.Row)), VmJson.Write);
        return 0;
    }
}

/// <summary><c>charly vm snapshot restore</c>.</summary>
internal sealed class VmSnapshotRestoreCommand : Command
{
    private readonly SnapshotParameters _parameters;
    private readonly Option<bool> _yes = Parameters.Yes("Do not ask before what the disk holds is thrown away");

    public VmSnapshotRestoreCommand(CommandHost host) : base("restore", "Put a machine back to a snapshot")
    {
        Aliases.Add("revert");
        _parameters = new SnapshotParameters(host, this);
        Add(_yes);
        SetAction(host.Action(RunAsync));
    }

    public VmSnapshotRequest Request(ParseResult parsed) => _parameters.Request(parsed);

    private async Task<int> RunAsync(Invocation run, CancellationToken cancellationToken)
    {
        var request = Request(run.Parsed);
        if (_parameters.IsDryRun(run.Parsed)) return await VmPreviews.PrintAsync(run, new PreviewVmRequest(VmVerb.Restore, request.Name, request.Snapshot), cancellationToken).ConfigureAwait(false);
        if (!run.Parsed.GetValue(_yes)) await run.ConfirmAsync($"Throw away what {request.Name} holds since {request.Snapshot}?", cancellationToken).ConfigureAwait(false);
        run.Print(await new RestoreVmSnapshot(run.Context).RunAsync(request, cancellationToken).ConfigureAwait(false), VmText.OneLine, VmJson.Write);
        return 0;
    }
}

/// <summary><c>charly vm snapshot delete</c>.</summary>
internal sealed class VmSnapshotDeleteCommand : Command
{
    private readonly SnapshotParameters _parameters;
    private readonly Option<bool> _force = Parameters.Flag("--force", "Also if clones stand on it, which lose their base");
    private readonly Option<bool> _yes = Parameters.Yes("Do not ask");

    public VmSnapshotDeleteCommand(CommandHost host) : base("delete", "Remove a snapshot; the machine keeps all that it has")
    {
        _parameters = new SnapshotParameters(host, this);
        Add(_force);
        Add(_yes);
        SetAction(host.Action(RunAsync));
    }

    public VmSnapshotRequest Request(ParseResult parsed) => _parameters.Request(parsed) with { Force = parsed.GetValue(_force) };

    private async Task<int> RunAsync(Invocation run, CancellationToken cancellationToken)
    {
        var request = Request(run.Parsed);
        if (_parameters.IsDryRun(run.Parsed)) return await VmPreviews.PrintAsync(run, new PreviewVmRequest(VmVerb.DeleteSnapshot, request.Name, request.Snapshot), cancellationToken).ConfigureAwait(false);
        if (!run.Parsed.GetValue(_yes)) await run.ConfirmAsync($"Remove the snapshot {request.Snapshot} of {request.Name}?", cancellationToken).ConfigureAwait(false);
        await new RemoveVmSnapshot(run.Context).RunAsync(request, cancellationToken).ConfigureAwait(false);
        return 0;
    }
}

/// <summary><c>charly vm snapshot promote</c>.</summary>
internal sealed class VmSnapshotPromoteCommand : Command
{
    private readonly SnapshotParameters _parameters;

    public VmSnapshotPromoteCommand(CommandHost host) : base("promote", "Give a snapshot inside the disk a file of its own")
    {
        _parameters = new SnapshotParameters(host, this);
        SetAction(host.Action(RunAsync));
    }

    private async Task<int> RunAsync(Invocation run, CancellationToken cancellationToken)
    {
        var request = _parameters.Request(run.Parsed);
        if (_parameters.IsDryRun(run.Parsed)) return await VmPreviews.PrintAsync(run, new PreviewVmRequest(VmVerb.Promote, request.Name, request.Snapshot), cancellationToken).ConfigureAwait(false);
        run.Print(await new PromoteVmSnapshot(run.Context).RunAsync(request, cancellationToken).ConfigureAwait(false), VmSnapshotText.OneLine, VmJson.Write);
        return 0;
    }
}

/// <summary>A machine and a snapshot of it.</summary>
internal sealed class SnapshotParameters
{
    private readonly Argument<string> _name;
    private readonly Argument<string> _snapshot;
    private readonly Option<bool> _dryRun = Parameters.DryRun();

    public SnapshotParameters(CommandHost host, Command command)
    {
        command.Add(_name = Parameters.VmName(host));
        command.Add(_snapshot = Parameters.Snapshot(host, _name));
        command.Add(_dryRun);
    }

    public VmSnapshotRequest Request(ParseResult parsed) => new(parsed.GetRequiredValue(_name), parsed.GetRequiredValue(_snapshot));

    public bool IsDryRun(ParseResult parsed) => parsed.GetValue(_dryRun);
}
