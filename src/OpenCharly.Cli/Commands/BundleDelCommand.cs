using System.CommandLine;
using OpenCharly.Cli.Output;
using OpenCharly.Operations;

namespace OpenCharly.Cli.Commands;

/// <summary><c>charly bundle del</c>: undoes what is on record.</summary>
internal sealed class BundleDelCommand : Command
{
    private readonly Argument<string> _name;
    private readonly Option<bool> _dryRun = Parameters.Flag("--dry-run", "Say what would be undone and change nothing");
    private readonly Option<bool> _keepRepoChanges = Parameters.Flag("--keep-repo-changes", "Leave package repositories in place");
    private readonly Option<bool> _keepServices = Parameters.Flag("--keep-services", "Leave units in place");
    private readonly Option<bool> _purge = Parameters.Flag("--purge", "Also forget the machine's state in the per-host file");
    private readonly Option<bool> _forceLocal = Parameters.Flag("--force-local", "Forget the deployment even though its machine does not answer");
    private readonly Option<TimeSpan?> _sshTimeout = Parameters.Duration("--ssh-timeout", "How long to wait for ssh (default: 120)");
    private readonly Option<bool> _yes = Parameters.Yes();

    public BundleDelCommand(CommandHost host) : base("del", "Undo what a bundle left on its target")
    {
        Add(_name = Parameters.BundleName(host));
        Add(_dryRun);
        Add(_keepRepoChanges);
        Add(_keepServices);
        Add(_purge);
        Add(_forceLocal);
        Add(_sshTimeout);
        Add(_yes);
        SetAction(host.Action(RunAsync));
    }

    public RemoveBundleRequest Request(ParseResult parsed) => new()
    {
        Name = parsed.GetRequiredValue(_name),
        DryRun = parsed.GetValue(_dryRun),
        KeepRepoChanges = parsed.GetValue(_keepRepoChanges),
        KeepServices = parsed.GetValue(_keepServices),
        Purge = parsed.GetValue(_purge),
        ForceLocal = parsed.GetValue(_forceLocal),
        SshTimeout = parsed.GetValue(_sshTimeout),
    };

    private async Task<int> RunAsync(Invocation run, CancellationToken cancellationToken)
    {
        var request = Request(run.Parsed);
        var operation = new RemoveBundle(run.Context);
        if (!request.DryRun && !run.Parsed.GetValue(_yes) && run.Terminal.CanAsk)
        {
            await ConfirmAsync(run, operation, request, cancellationToken).ConfigureAwait(false);
        }

        var result = await operation.RunAsync(request, cancellationToken).ConfigureAwait(false);
        return DeployOutput.Print(run, result);
    }

    private static async Task ConfirmAsync(
        Invocation run, RemoveBundle operation, RemoveBundleRequest request, CancellationToken cancellationToken)
    {
        // With --force-local the machine can't be asked, so there is nothing to preview.
        var question = $"Forget {request.Name} without undoing anything on its machine?";
        if (!request.ForceLocal)
        {
            var preview = await operation.RunAsync(request with { DryRun = true }, cancellationToken).ConfigureAwait(false);
            question = $"Undo {preview.Undone.Count} operations of {request.Name}?";
        }

        await run.ConfirmAsync(question, cancellationToken).ConfigureAwait(false);
    }
}
