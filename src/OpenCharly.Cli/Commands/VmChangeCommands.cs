using System.CommandLine;
using OpenCharly.Cli.Output;
using OpenCharly.Foundation;
using OpenCharly.Operations;
using OpenCharly.Vms.Gpu;

namespace OpenCharly.Cli.Commands;

/// <summary><c>charly vm clone</c>.</summary>
internal sealed class VmCloneCommand : Command
{
    private readonly Argument<string> _name = new("new") { Description = "Name of the new entity", HelpName = "NEW" };
    private readonly Option<string> _from = new("--from") { Description = "Machine to clone, perhaps with the snapshot to stand on", HelpName = "VM[@SNAPSHOT]", Required = true };
    private readonly Option<bool> _clean = new("--cloud-init-clean") { Description = "Give it a machine identity of its own (default: true)", DefaultValueFactory = _ => true };
    private readonly Option<bool> _build = new("--build") { Description = "Make its disk now (default: true)", DefaultValueFactory = _ => true };
    private readonly Option<bool> _dryRun = Parameters.DryRun();

    public VmCloneCommand(CommandHost host) : base("clone", "Add an entity whose disk stands on a snapshot of another one")
    {
        Add(_name);
        Add(_from);
        Add(_clean);
        Add(_build);
        Add(_dryRun);
        SetAction(host.Action(RunAsync));
    }

    public CloneVmRequest Request(ParseResult parsed) => new()
    {
        Name = parsed.GetRequiredValue(_name),
        From = parsed.GetRequiredValue(_from),
        CloudInitClean = parsed.GetValue(_clean),
        Build = parsed.GetValue(_build),
    };

    private async Task<int> RunAsync(Invocation run, CancellationToken cancellationToken)
    {
        var request = Request(run.Parsed);
        if (run.Parsed.GetValue(_dryRun)) return await VmPreviews.PrintAsync(run, new CloneVm(run.Context).PreviewAsync(request, cancellationToken)).ConfigureAwait(false);
        run.Print(
            await new CloneVm(run.Context).RunAsync(request, cancellationToken).ConfigureAwait(false),
            s => $"{s.Key} declared{(s.DiskPath is null ? "" : $", disk {s.DiskPath}")}; create it: charly vm create {request.Name} --start\n",
            VmJson.Write);
        return 0;
    }
}

/// <summary><c>charly vm autostart</c>.</summary>
internal sealed class VmAutostartCommand : Command
{
    private readonly Argument<string> _name;
    private readonly Option<bool> _off = Parameters.Flag("--off", "No longer");
    private readonly Option<bool> _dryRun = Parameters.DryRun();

    public VmAutostartCommand(CommandHost host) : base("autostart", "Start a machine with this host")
    {
        Add(_name = Parameters.VmName(host));
        Add(_off);
        Add(_dryRun);
        SetAction(host.Action(RunAsync));
    }

    public SetVmRequest Request(ParseResult parsed) => new() { Name = parsed.GetRequiredValue(_name), Autostart = !parsed.GetValue(_off) };

    private async Task<int> RunAsync(Invocation run, CancellationToken cancellationToken)
    {
        if (run.Parsed.GetValue(_dryRun)) return await VmPreviews.PrintAsync(run, new SetVm(run.Context).PreviewAsync(Request(run.Parsed), cancellationToken)).ConfigureAwait(false);
        run.Print(await new SetVm(run.Context).RunAsync(Request(run.Parsed), cancellationToken).ConfigureAwait(false), VmText.OneLine, VmJson.Write);
        return 0;
    }
}

/// <summary><c>charly vm grow</c>.</summary>
internal sealed class VmGrowCommand : Command
{
    private readonly Argument<string> _name;
    private readonly Argument<string> _size = new("size") { Description = "New size of the disk, such as 20G", HelpName = "SIZE" };
    private readonly Option<bool> _dryRun = Parameters.DryRun();

    public VmGrowCommand(CommandHost host) : base("grow", "Grow the disk of a machine in place, also while it runs")
    {
        Add(_name = Parameters.VmName(host));
        Add(_size);
        Add(_dryRun);
        SetAction(host.Action(RunAsync));
    }

    public SetVmRequest Request(ParseResult parsed) => new() { Name = parsed.GetRequiredValue(_name), DiskSize = parsed.GetRequiredValue(_size) };

    private async Task<int> RunAsync(Invocation run, CancellationToken cancellationToken)
    {
        if (run.Parsed.GetValue(_dryRun)) return await VmPreviews.PrintAsync(run, new SetVm(run.Context).PreviewAsync(Request(run.Parsed), cancellationToken)).ConfigureAwait(false);
        run.Print(await new SetVm(run.Context).RunAsync(Request(run.Parsed), cancellationToken).ConfigureAwait(false), VmText.OneLine, VmJson.Write);
        return 0;
    }
}

/// <summary><c>charly vm gpu</c>.</summary>
internal static class VmGpuCommands
{
    public static Command Group(CommandHost host)
    {
        var status = new Command("status", "What this machine has and needs to hand a display device to a guest");
        status.SetAction(host.Action((run, _) =>
        {
            var report = new GetVmGpus(run.Context).Run();
            run.Print(report, r => VmSnapshotText.Gpu(r) + (r.Devices.Count == 0 ? "" : "\n" + run.Table(VmSnapshotText.GpuColumns, r.Devices.Select(VmSnapshotText.GpuRow))), VmJson.Write);
            return Task.FromResult(0);
        }));
        var list = new Command("list", "The hostdevs part of an entity for each display device, ready to be pasted");
        list.SetAction(host.Action((run, _) =>
        {
            var report = new GetVmGpus(run.Context).Run();
            if (report.Devices.Count == 0) run.Tell(NoticeLevel.Info, "no display device is here that a guest could have");
            run.PrintAll(report.Devices, all => string.Join('\n', all.Select(GpuProbe.Render)), VmJson.Write);
            return Task.FromResult(0);
        }));
        return new Command("gpu", "Display devices that a guest could have") { status, list };
    }
}
