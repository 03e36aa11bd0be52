using System.CommandLine;
using OpenCharly.Cli.Completion;
using OpenCharly.Cli.Output;
using OpenCharly.Operations;

namespace OpenCharly.Cli.Commands;

/// <summary><c>charly bundle add</c>: compiles the plan and applies it, or only shows it.</summary>
internal sealed class BundleAddCommand : Command
{
    private readonly BundleParameters _parameters;
    private readonly Option<bool> _dryRun = Parameters.Flag("--dry-run", "Print the plan and change nothing");
    private readonly Option<bool> _verify = Parameters.Flag("--verify", "Run the candies' checks afterwards (exit code 7 if one fails)");
    private readonly Option<bool> _force = Parameters.Flag("--force", "Apply steps again that are on record");
    private readonly Option<bool> _nodeOnly = Parameters.Flag("--node-only", "Only this deployment: no nested children, no peers");
    private readonly Option<bool> _disposable = Parameters.Flag("--disposable", "Mark the entry as one that may be destroyed unattended");
    private readonly Option<string?> _lifecycle = Parameters.Text("--lifecycle", "TAG", "Label for the entry");

    private readonly Option<string?> _cluster;
    private readonly Option<bool> _apply = Parameters.Flag("--apply", "Bring the cluster to what was written (clusters)");

    public BundleAddCommand(CommandHost host) : base("add", "Apply a candy, a box or a deploy entry to a machine or host, or to several")
    {
        _parameters = new BundleParameters(host, this);
        Add(_dryRun);
        Add(_verify);
        Add(_force);
        Add(_nodeOnly);
        Add(_disposable);
        Add(_lifecycle);
        Add(_cluster = ClusterOption(host));
        Add(_apply);
        SetAction(host.Action(RunAsync));
    }

    /// <summary><c>--cluster PROFILE</c>.</summary>
    public static Option<string?> ClusterOption(CommandHost host)
    {
        var option = Parameters.Text("--cluster", "PROFILE", "Cluster profile instead of the entry's own (clusters)");
        option.CompletionSources.Add(context => new NameCompletions(host, context).Clusters());
        return option;
    }

    public BundleRequest Request(ParseResult parsed) => Complete(_parameters.Request(parsed), parsed);

    private BundleRequest Complete(BundleRequest request, ParseResult parsed) => request with
    {
        Options = request.Options with { Verify = parsed.GetValue(_verify) },
        Force = parsed.GetValue(_force),
        NodeOnly = parsed.GetValue(_nodeOnly),
        Disposable = parsed.GetValue(_disposable),
        Lifecycle = parsed.GetValue(_lifecycle),
        Cluster = parsed.GetValue(_cluster),
        Apply = parsed.GetValue(_apply),
    };

    private async Task<int> RunAsync(Invocation run, CancellationToken cancellationToken)
    {
        var requests = (await _parameters.RequestsAsync(run, cancellationToken).ConfigureAwait(false)).Select(r => Complete(r, run.Parsed)).ToList();
        var throttle = _parameters.Throttle(run.Parsed);
        var isSet = _parameters.HasMany(run.Parsed);
        if (isSet) run.NameTargets([.. requests.Select(r => r.Name)]);
        if (run.Parsed.GetValue(_dryRun))
        {
            PlanOutput.Print(run, await new CompilePlans(run.Context).RunAsync(requests, throttle, cancellationToken).ConfigureAwait(false));
            return 0;
        }

        foreach (var request in requests) await ConfirmHostAsync(run, request, cancellationToken).ConfigureAwait(false);
        if (isSet)
        {
            return await DeployOutput.RunAllAsync(
                run, [.. requests.Select(r => r.Name)], "add", (told, token) => new AddBundles(run.Context).RunAsync(requests, throttle, told, token), cancellationToken).ConfigureAwait(false);
        }

        var result = await new AddBundle(run.Context).RunAsync(requests[0], cancellationToken).ConfigureAwait(false);
        return DeployOutput.Print(run, result);
    }

    // A guest is there to be changed; the operator's own machine is not, so its user sees first how much will change.
    private static async Task ConfirmHostAsync(Invocation run, BundleRequest request, CancellationToken cancellationToken)
    {
        var isGuest = request.Name.StartsWith("vm:", StringComparison.Ordinal);
        if (isGuest || request.Options.Yes || !run.Terminal.CanAsk) return;
        var plan = await new CompilePlan(run.Context).RunAsync(request, cancellationToken).ConfigureAwait(false);
        if (plan.Host != "local" || plan.Files.Count > 0) return;
        var count = plan.Steps.Count(step => step.Enabled);
        await run.ConfirmAsync($"Apply {count} steps to this machine ({plan.User}, {plan.Distro})?", cancellationToken).ConfigureAwait(false);
    }
}
