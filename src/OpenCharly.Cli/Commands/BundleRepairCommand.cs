using System.CommandLine;
using OpenCharly.Cli.Output;
using OpenCharly.Operations;

namespace OpenCharly.Cli.Commands;

/// <summary><c>charly bundle repair</c>: finishes a run that was cut, or takes it back.</summary>
internal sealed class BundleRepairCommand : Command
{
    private readonly Argument<string> _name;
    private readonly Option<bool> _rollback = Parameters.Flag("--rollback", "Take the cut run back, to the state before it");
    private readonly Option<bool> _dryRun = Parameters.Flag("--dry-run", "Say what would be done and change nothing");
    private readonly Option<bool> _noStart = Parameters.Flag("--no-start", "Fail if the machine is off, instead of starting it");
    private readonly Option<TimeSpan?> _sshTimeout = Parameters.Duration("--ssh-timeout", "How long to wait for ssh (default: 120)");
    private readonly Option<string?> _host = Parameters.Text("--host", "HOST", "local, [user@]host[:port] or an ssh alias, instead of the entry's");
    private readonly Option<bool> _yes = Parameters.Yes();

    public BundleRepairCommand(CommandHost host) : base("repair", "Finish a run that was cut, or take it back; needs no project")
    {
        Add(_name = Parameters.BundleName(host));
        Add(_rollback);
        Add(_dryRun);
        Add(_noStart);
        Add(_sshTimeout);
        Add(_host);
        Add(_yes);
        SetAction(host.Action(RunAsync));
    }

    public RepairBundleRequest Request(ParseResult parsed) => new()
    {
        Name = parsed.GetRequiredValue(_name),
        Rollback = parsed.GetValue(_rollback),
        DryRun = parsed.GetValue(_dryRun),
        NoStart = parsed.GetValue(_noStart),
        SshTimeout = parsed.GetValue(_sshTimeout),
        Host = parsed.GetValue(_host),
    };

    private async Task<int> RunAsync(Invocation run, CancellationToken cancellationToken)
    {
        var request = Request(run.Parsed);
        var operation = new RepairBundle(run.Context);
        if (request is { Rollback: true, DryRun: false } && !run.Parsed.GetValue(_yes))
        {
            await run.ConfirmAsync($"Take the cut run of {request.Name} back?", cancellationToken).ConfigureAwait(false);
        }

        return DeployOutput.Print(run, await operation.RunAsync(request, cancellationToken).ConfigureAwait(false));
    }
}
