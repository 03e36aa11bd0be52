using System.CommandLine;
using OpenCharly.Cli.Output;
using OpenCharly.Operations;

namespace OpenCharly.Cli.Commands;

/// <summary><c>charly vm destroy</c>.</summary>
internal sealed class VmDestroyCommand : Command
{
    private readonly Argument<string> _name;
    private readonly Option<bool> _disk = Parameters.Flag("--disk", "Delete its disk as well");
    private readonly Option<bool> _keepDeploy = Parameters.Flag("--keep-deploy", "Keep its state in the per-host file");
    private readonly Option<bool> _yes = Parameters.Yes("Do not ask before the disk is deleted");
    private readonly Option<bool> _dryRun = Parameters.DryRun();

    public VmDestroyCommand(CommandHost host) : base("destroy", "Stop a machine and remove what was made for it")
    {
        Add(_name = Parameters.VmName(host));
        Add(_disk);
        Add(_keepDeploy);
        Add(_yes);
        Add(_dryRun);
        SetAction(host.Action(RunAsync));
    }

    public DestroyVmRequest Request(ParseResult parsed) => new()
    {
        Name = parsed.GetRequiredValue(_name),
        Disk = parsed.GetValue(_disk),
        KeepDeploy = parsed.GetValue(_keepDeploy),
    };

    private async Task<int> RunAsync(Invocation run, CancellationToken cancellationToken)
    {
        var request = Request(run.Parsed);
        if (run.Parsed.GetValue(_dryRun)) return await VmPreviews.PrintAsync(run, new PreviewVmRequest(VmVerb.Destroy, request.Name, Disk: request.Disk), cancellationToken).ConfigureAwait(false);
        if (request.Disk && !run.Parsed.GetValue(_yes))
        {
            await run.ConfirmAsync($"Destroy {request.Name} and delete its disk?", cancellationToken).ConfigureAwait(false);
        }

        await new DestroyVm(run.Context).RunAsync(request, cancellationToken).ConfigureAwait(false);
        return 0;
    }
}

/// <summary><c>charly vm wait</c>.</summary>
internal sealed class VmWaitCommand : Command
{
    private static readonly Dictionary<string, VmWaitCondition?> Conditions = new()
    {
        ["ssh"] = VmWaitCondition.Ssh,
        ["cloud-init"] = VmWaitCondition.CloudInit,
        ["stopped"] = VmWaitCondition.Stopped,
    };

    private readonly Argument<string> _name;
    private readonly Option<VmWaitCondition?> _for = Parameters.OneOf("--for", "What to wait for (default: ssh)", Conditions);
    private readonly Option<TimeSpan?> _timeout = Parameters.Duration("--timeout", "How long (default: 120)");

    public VmWaitCommand(CommandHost host) : base("wait", "Wait for a condition of a machine")
    {
        Add(_name = Parameters.VmName(host));
        Add(_for);
        Add(_timeout);
        SetAction(host.Action(RunAsync));
    }

    public WaitVmRequest Request(ParseResult parsed)
    {
        var request = new WaitVmRequest { Name = parsed.GetRequiredValue(_name) };
        if (parsed.GetValue(_for) is { } condition) request = request with { For = condition };
        return parsed.GetValue(_timeout) is { } timeout ? request with { Timeout = timeout } : request;
    }

    private async Task<int> RunAsync(Invocation run, CancellationToken cancellationToken)
    {
        var vm = await new WaitVm(run.Context).RunAsync(Request(run.Parsed), cancellationToken).ConfigureAwait(false);
        run.Print(vm, VmText.OneLine, VmJson.Write);
        return 0;
    }
}
