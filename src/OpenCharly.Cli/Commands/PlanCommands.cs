using System.CommandLine;
using OpenCharly.Cli.Output;
using OpenCharly.Foundation;
using OpenCharly.Operations;
using OpenCharly.Plans;

namespace OpenCharly.Cli.Commands;

/// <summary><c>charly plan apply</c>.</summary>
internal sealed class PlanApplyCommand : Command
{
    private readonly Argument<string> _file = PlanFile.Argument();
    private readonly Option<bool> _dryRun = Parameters.Flag("--dry-run", "Say what would be done and change nothing");
    private readonly Option<bool> _force = Parameters.Flag("--force", "Apply steps again that are on record, and a plan whose target changed since");
    private readonly Option<bool> _noStart = Parameters.Flag("--no-start", "Fail if the machine is off, instead of starting it");
    private readonly Option<TimeSpan?> _sshTimeout = Parameters.Duration("--ssh-timeout", "How long to wait for ssh (default: 120)");
    private readonly Option<int?> _throttle = TargetOptions.ThrottleOption();
    private readonly GateOptions _gates;
    private readonly SelectionOptions _selection;

    public PlanApplyCommand(CommandHost host) : base("apply", "Apply the plans of a file to the targets that they name")
    {
        Add(_file);
        Add(_dryRun);
        Add(_force);
        Add(_noStart);
        Add(_sshTimeout);
        Add(_throttle);
        _gates = new GateOptions(this);
        _selection = new SelectionOptions(host, this);
        SetAction(host.Action(RunAsync));
    }

    public ApplyPlanRequest Request(ParseResult parsed, InstallPlan plan) => new()
    {
        Plan = plan,
        Force = parsed.GetValue(_force),
        Options = _gates.Of(parsed),
        DryRun = parsed.GetValue(_dryRun),
        NoStart = parsed.GetValue(_noStart),
        SshTimeout = parsed.GetValue(_sshTimeout),
    };

    private async Task<int> RunAsync(Invocation run, CancellationToken cancellationToken)
    {
        var file = await PlanFile.ReadAsync(run, run.Parsed.GetRequiredValue(_file), cancellationToken).ConfigureAwait(false);
        var plans = _selection.Of(run.Parsed).Of(file);
        var requests = plans.Select(plan => Request(run.Parsed, plan)).ToList();
        foreach (var request in requests.Where(r => r.Plan.Host == "local" && !r.DryRun && !r.Options.Yes))
        {
            await run.ConfirmAsync($"Apply {request.Plan.Steps.Count(s => s.Enabled)} steps to this machine?", cancellationToken).ConfigureAwait(false);
        }

        if (requests.Count == 1)
        {
            return DeployOutput.Print(run, await new ApplyPlan(run.Context).RunAsync(requests[0], cancellationToken).ConfigureAwait(false));
        }

        IReadOnlyList<string> names = [.. plans.Select(p => p.Name)];
        run.NameTargets(names);
        var throttle = run.Parsed.GetValue(_throttle) ?? AddBundles.DefaultThrottle;
        return await DeployOutput.RunAllAsync(run, names, "add", (told, token) => new ApplyPlans(run.Context).RunAsync(requests, throttle, told, token), cancellationToken).ConfigureAwait(false);
    }
}

/// <summary><c>charly plan export</c>.</summary>
internal sealed class PlanExportCommand : Command
{
    private readonly BundleParameters _parameters;
    private readonly SelectionOptions _selection;
    private readonly Option<string?> _output = Parameters.Text("--output", "FILE", "File to write; standard output if left out", "-o");

    public PlanExportCommand(CommandHost host) : base("export", "Compile plans and write them as JSON")
    {
        _parameters = new BundleParameters(host, this);
        _selection = new SelectionOptions(host, this);
        Add(_output);
        SetAction(host.Action(RunAsync));
    }

    public BundleRequest Request(ParseResult parsed) => _parameters.Request(parsed);

    private async Task<int> RunAsync(Invocation run, CancellationToken cancellationToken)
    {
        var requests = await _parameters.RequestsAsync(run, cancellationToken).ConfigureAwait(false);
        var plans = await new CompilePlans(run.Context).RunAsync(requests, _parameters.Throttle(run.Parsed), cancellationToken).ConfigureAwait(false);
        var wanted = _selection.Of(run.Parsed).Of(plans);
        if (run.Parsed.GetValue(_output) is not { } file)
        {
            run.Print(PlanJson.Write(wanted));
            return 0;
        }

        run.Tell(NoticeLevel.Info, $"wrote {await new ExportPlan(run.Context).RunAsync(wanted, file, cancellationToken: cancellationToken).ConfigureAwait(false)}");
        return 0;
    }
}

/// <summary><c>charly plan show</c>.</summary>
internal sealed class PlanShowCommand : Command
{
    private readonly Argument<string> _file = PlanFile.Argument();
    private readonly SelectionOptions _selection;

    public PlanShowCommand(CommandHost host) : base("show", "Print the plans of a file")
    {
        Add(_file);
        _selection = new SelectionOptions(host, this);
        SetAction(host.Action(RunAsync));
    }

    private async Task<int> RunAsync(Invocation run, CancellationToken cancellationToken)
    {
        var plans = await PlanFile.ReadAsync(run, run.Parsed.GetRequiredValue(_file), cancellationToken).ConfigureAwait(false);
        PlanOutput.Print(run, _selection.Of(run.Parsed).Of(plans));
        return 0;
    }
}
