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
    private readonly GateOptions _gates;

    public PlanApplyCommand(CommandHost host) : base("apply", "Apply the plans of a file to the targets that they name")
    {
        Add(_file);
        Add(_dryRun);
        Add(_force);
        Add(_noStart);
        Add(_sshTimeout);
        _gates = new GateOptions(this);
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
        var exitCode = 0;
        foreach (var plan in await PlanFile.ReadAsync(run, run.Parsed.GetRequiredValue(_file), cancellationToken).ConfigureAwait(false))
        {
            var request = Request(run.Parsed, plan);
            if (plan.Host == "local" && !request.DryRun && !request.Options.Yes)
            {
                await run.ConfirmAsync($"Apply {plan.Steps.Count(s => s.Enabled)} steps to this machine?", cancellationToken).ConfigureAwait(false);
            }

            var result = await new ApplyPlan(run.Context).RunAsync(request, cancellationToken).ConfigureAwait(false);
            exitCode = DeployOutput.Print(run, result);
            if (exitCode != 0) break;
        }

        return exitCode;
    }
}

/// <summary><c>charly plan export</c>.</summary>
internal sealed class PlanExportCommand : Command
{
    private readonly BundleParameters _parameters;
    private readonly Option<string?> _output = Parameters.Text("--output", "FILE", "File to write; standard output if left out", "-o");

    public PlanExportCommand(CommandHost host) : base("export", "Compile a plan and write it as JSON")
    {
        _parameters = new BundleParameters(host, this);
        Add(_output);
        SetAction(host.Action(RunAsync));
    }

    public BundleRequest Request(ParseResult parsed) => _parameters.Request(parsed);

    private async Task<int> RunAsync(Invocation run, CancellationToken cancellationToken)
    {
        var plan = await new CompilePlan(run.Context).RunAsync(Request(run.Parsed), cancellationToken).ConfigureAwait(false);
        var json = PlanJson.Write(plan);
        if (run.Parsed.GetValue(_output) is not { } file)
        {
            run.Print(json);
            return 0;
        }

        var path = run.Context.Environment.Resolve(file);
        AtomicFile.Write(path, json);
        run.Tell(NoticeLevel.Info, $"wrote {path}");
        return 0;
    }
}

/// <summary><c>charly plan show</c>.</summary>
internal sealed class PlanShowCommand : Command
{
    private readonly Argument<string> _file = PlanFile.Argument();

    public PlanShowCommand(CommandHost host) : base("show", "Print the plans of a file")
    {
        Add(_file);
        SetAction(host.Action(RunAsync));
    }

    private async Task<int> RunAsync(Invocation run, CancellationToken cancellationToken)
    {
        PlanOutput.Print(run, await PlanFile.ReadAsync(run, run.Parsed.GetRequiredValue(_file), cancellationToken).ConfigureAwait(false));
        return 0;
    }
}

/// <summary>A file of plans, or standard input.</summary>
internal static class PlanFile
{
    public static Argument<string> Argument() => new("file")
    {
        Description = "File that \"plan export\" or \"bundle add --dry-run --json\" wrote; - is standard input",
        HelpName = "FILE",
    };

    public static async Task<IReadOnlyList<InstallPlan>> ReadAsync(Invocation run, string file, CancellationToken cancellationToken)
    {
        if (file == "-")
        {
            run.Tell(NoticeLevel.Debug, "reading the plan from standard input");
            // The console reads synchronously whatever it is asked, so the wait is one that Ctrl-C can end.
            var text = await Task.Run(run.Terminal.In.ReadToEnd, cancellationToken).WaitAsync(cancellationToken).ConfigureAwait(false);
            return PlanJson.Read(text, "standard input");
        }

        var path = run.Context.Environment.Resolve(file);
        if (!File.Exists(path))
        {
            throw new CharlyException(Errors.FileMissing, $"there is no file {path}", "Write one with \"charly plan export NAME -o FILE\".");
        }

        return PlanJson.Read(await File.ReadAllTextAsync(path, cancellationToken).ConfigureAwait(false), file);
    }
}
