using System.CommandLine;
using OpenCharly.Cli.Completion;
using OpenCharly.Cli.Output;
using OpenCharly.Foundation;
using OpenCharly.Operations;

namespace OpenCharly.Cli.Commands;

/// <summary><c>charly bundle del</c>: undoes what is on record.</summary>
internal sealed class BundleDelCommand : Command
{
    private readonly Argument<string[]> _names = new("names")
    {
        Description = "What it was applied to: vm:NAME, host, or names of deploy entries, with the wildcards * and ?",
        HelpName = "NAME",
        Arity = ArgumentArity.OneOrMore,
    };

    private readonly Option<int?> _throttle = TargetOptions.ThrottleOption();
    private readonly Option<bool> _dryRun = Parameters.Flag("--dry-run", "Say what would be undone and change nothing");
    private readonly Option<bool> _keepRepoChanges = Parameters.Flag("--keep-repo-changes", "Leave package repositories in place");
    private readonly Option<bool> _keepServices = Parameters.Flag("--keep-services", "Leave units in place");
    private readonly Option<bool> _purge = Parameters.Flag("--purge", "Also forget the machine's state in the per-host file; of a pod its entry and its named volumes");
    private readonly Option<bool> _keepImage = Parameters.Flag("--keep-image", "Leave the overlay image of a pod");
    private readonly Option<bool> _forceLocal = Parameters.Flag("--force-local", "Forget the deployment even though its machine does not answer");
    private readonly Option<TimeSpan?> _sshTimeout = Parameters.Duration("--ssh-timeout", "How long to wait for ssh (default: 120)");
    private readonly Option<bool> _yes = Parameters.Yes();

    public BundleDelCommand(CommandHost host) : base("del", "Undo what bundles left on their targets")
    {
        _names.CompletionSources.Add(context => new NameCompletions(host, context).Bundles());
        Add(_names);
        Add(_dryRun);
        Add(_keepRepoChanges);
        Add(_keepServices);
        Add(_purge);
        Add(_keepImage);
        Add(_forceLocal);
        Add(_sshTimeout);
        Add(_yes);
        Add(_throttle);
        SetAction(host.Action(RunAsync));
    }

    public RemoveBundleRequest Request(ParseResult parsed, string name) => new()
    {
        Name = name,
        DryRun = parsed.GetValue(_dryRun),
        KeepRepoChanges = parsed.GetValue(_keepRepoChanges),
        KeepServices = parsed.GetValue(_keepServices),
        Purge = parsed.GetValue(_purge),
        KeepImage = parsed.GetValue(_keepImage),
        ForceLocal = parsed.GetValue(_forceLocal),
        SshTimeout = parsed.GetValue(_sshTimeout),
    };

    private async Task<int> RunAsync(Invocation run, CancellationToken cancellationToken)
    {
        var named = run.Parsed.GetRequiredValue(_names);
        var names = await TargetOptions.ExpandAsync(run, named, cancellationToken).ConfigureAwait(false);
        var isSet = named.Length > 1 || NamePattern.IsPattern(named[0]);
        if (isSet) run.NameTargets(names);
        var requests = names.Select(name => Request(run.Parsed, name)).ToList();
        var operation = new RemoveBundle(run.Context);
        if (!requests[0].DryRun && !run.Parsed.GetValue(_yes) && run.Terminal.CanAsk)
        {
            foreach (var request in requests) await ConfirmAsync(run, operation, request, cancellationToken).ConfigureAwait(false);
        }

        if (isSet)
        {
            var throttle = run.Parsed.GetValue(_throttle) ?? AddBundles.DefaultThrottle;
            return await DeployOutput.RunAllAsync(run, names, "del", (told, token) => new RemoveBundles(run.Context).RunAsync(requests, throttle, told, token), cancellationToken).ConfigureAwait(false);
        }

        var result = await operation.RunAsync(requests[0], cancellationToken).ConfigureAwait(false);
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
            question = preview.Items.Count > 0 ? $"Remove {string.Join(", ", preview.Items)} of {request.Name}?" : $"Undo {preview.Undone.Count} operations of {request.Name}?";
        }

        await run.ConfirmAsync(question, cancellationToken).ConfigureAwait(false);
    }
}
