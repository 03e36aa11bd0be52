using System.CommandLine;
using OpenCharly.Cli.Output;
using OpenCharly.Foundation;
using OpenCharly.Operations;
using OpenCharly.Vms;

namespace OpenCharly.Cli.Commands;

/// <summary><c>charly vm start</c>.</summary>
internal sealed class VmStartCommand : Command
{
    private readonly Argument<string> _name;
    private readonly Option<bool> _dryRun = Parameters.DryRun();

    private readonly Option<bool> _monitor = Parameters.Flag("--monitor", "Keep the hypervisor in the foreground, its monitor on this terminal");

    public VmStartCommand(CommandHost host) : base("start", "Boot a machine")
    {
        Add(_name = Parameters.VmName(host));
        Add(_monitor);
        Add(_dryRun);
        SetAction(host.Action(RunAsync));
    }

    public string Request(ParseResult parsed) => parsed.GetRequiredValue(_name);

    private async Task<int> RunAsync(Invocation run, CancellationToken cancellationToken)
    {
        if (run.Parsed.GetValue(_dryRun)) return await VmPreviews.PrintAsync(run, new PreviewVmRequest(VmVerb.Start, Request(run.Parsed)), cancellationToken).ConfigureAwait(false);
        if (run.Parsed.GetValue(_monitor))
        {
            var program = await new MonitorVm(run.Context).RunAsync(Request(run.Parsed), cancellationToken).ConfigureAwait(false);
            run.Pause();
            return await InteractiveProgram.RunAsync(program, cancellationToken).ConfigureAwait(false);
        }

        await VmPower.RunAsync(run, Request(run.Parsed), Errors.VmAlreadyRunning, () => new StartVm(run.Context).RunAsync(Request(run.Parsed), cancellationToken), cancellationToken).ConfigureAwait(false);
        return 0;
    }
}

/// <summary><c>charly vm suspend</c>.</summary>
internal sealed class VmSuspendCommand : Command
{
    private readonly Argument<string> _name;
    private readonly Option<bool> _dryRun = Parameters.DryRun();

    public VmSuspendCommand(CommandHost host) : base("suspend", "Stop the processors of a machine")
    {
        Add(_name = Parameters.VmName(host));
        Add(_dryRun);
        SetAction(host.Action(RunAsync));
    }

    public string Request(ParseResult parsed) => parsed.GetRequiredValue(_name);

    private async Task<int> RunAsync(Invocation run, CancellationToken cancellationToken)
    {
        if (run.Parsed.GetValue(_dryRun)) return await VmPreviews.PrintAsync(run, new PreviewVmRequest(VmVerb.Suspend, Request(run.Parsed)), cancellationToken).ConfigureAwait(false);
        var vm = await new SuspendVm(run.Context).RunAsync(Request(run.Parsed), cancellationToken).ConfigureAwait(false);
        run.Print(vm, VmText.OneLine, VmJson.Write);
        return 0;
    }
}

/// <summary><c>charly vm resume</c>.</summary>
internal sealed class VmResumeCommand : Command
{
    private readonly Argument<string> _name;
    private readonly Option<bool> _dryRun = Parameters.DryRun();

    public VmResumeCommand(CommandHost host) : base("resume", "Let a suspended machine run again")
    {
        Add(_name = Parameters.VmName(host));
        Add(_dryRun);
        SetAction(host.Action(RunAsync));
    }

    public string Request(ParseResult parsed) => parsed.GetRequiredValue(_name);

    private async Task<int> RunAsync(Invocation run, CancellationToken cancellationToken)
    {
        if (run.Parsed.GetValue(_dryRun)) return await VmPreviews.PrintAsync(run, new PreviewVmRequest(VmVerb.Resume, Request(run.Parsed)), cancellationToken).ConfigureAwait(false);
        var vm = await new ResumeVm(run.Context).RunAsync(Request(run.Parsed), cancellationToken).ConfigureAwait(false);
        run.Print(vm, VmText.OneLine, VmJson.Write);
        return 0;
    }
}

/// <summary><c>charly vm stop</c>.</summary>
internal sealed class VmStopCommand : Command
{
    private readonly StopParameters _parameters;

    public VmStopCommand(CommandHost host) : base("stop", "Shut a machine down")
    {
        _parameters = new StopParameters(host, this);
        SetAction(host.Action(RunAsync));
    }

    public StopVmRequest Request(ParseResult parsed) => _parameters.Request(parsed);

    private async Task<int> RunAsync(Invocation run, CancellationToken cancellationToken)
    {
        if (_parameters.IsDryRun(run.Parsed)) return await VmPreviews.PrintAsync(run, new PreviewVmRequest(VmVerb.Stop, Request(run.Parsed).Name), cancellationToken).ConfigureAwait(false);
        var request = Request(run.Parsed);
        await VmPower.RunAsync(run, request.Name, Errors.VmNotRunning, () => new StopVm(run.Context).RunAsync(request, cancellationToken), cancellationToken).ConfigureAwait(false);
        return 0;
    }
}

/// <summary><c>charly vm restart</c>.</summary>
internal sealed class VmRestartCommand : Command
{
    private readonly StopParameters _parameters;

    public VmRestartCommand(CommandHost host) : base("restart", "Shut a machine down, if it runs, and boot it")
    {
        _parameters = new StopParameters(host, this);
        SetAction(host.Action(RunAsync));
    }

    public StopVmRequest Request(ParseResult parsed) => _parameters.Request(parsed);

    private async Task<int> RunAsync(Invocation run, CancellationToken cancellationToken)
    {
        if (_parameters.IsDryRun(run.Parsed)) return await VmPreviews.PrintAsync(run, new PreviewVmRequest(VmVerb.Restart, Request(run.Parsed).Name), cancellationToken).ConfigureAwait(false);
        var vm = await new RestartVm(run.Context).RunAsync(Request(run.Parsed), cancellationToken).ConfigureAwait(false);
        run.Print(vm, VmText.OneLine, VmJson.Write);
        return 0;
    }
}

/// <summary>A machine that already is as it shall be is noted, and no error (vm.md §2.1).</summary>
internal static class VmPower
{
    public static async Task RunAsync(Invocation run, string name, ErrorCode already, Func<Task<CharlyVm>> verb, CancellationToken cancellationToken)
    {
        CharlyVm vm;
        try
        {
            vm = await verb().ConfigureAwait(false);
        }
        catch (CharlyException error) when (error.Code == already)
        {
            run.Tell(NoticeLevel.Info, error.Message);
            vm = (await new GetVms(run.Context).RunAsync(new VmQuery { Names = [name] }, cancellationToken).ConfigureAwait(false))[0];
        }

        run.Print(vm, VmText.OneLine, VmJson.Write);
    }
}

/// <summary>What stop and restart take alike.</summary>
internal sealed class StopParameters
{
    private readonly Argument<string> _name;
    private readonly Option<TimeSpan?> _timeout = Parameters.Duration("--timeout", "How long the guest may take before it is killed (default: 30)");
    private readonly Option<bool> _force = Parameters.Flag("--force", "Pull the plug at once");
    private readonly Option<bool> _dryRun = Parameters.DryRun();

    public StopParameters(CommandHost host, Command command)
    {
        command.Add(_name = Parameters.VmName(host));
        command.Add(_timeout);
        command.Add(_force);
        command.Add(_dryRun);
    }

    public bool IsDryRun(ParseResult parsed) => parsed.GetValue(_dryRun);

    public StopVmRequest Request(ParseResult parsed)
    {
        var request = new StopVmRequest { Name = parsed.GetRequiredValue(_name), Force = parsed.GetValue(_force) };
        return parsed.GetValue(_timeout) is { } timeout ? request with { Timeout = timeout } : request;
    }
}
