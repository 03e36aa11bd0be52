using System.CommandLine;
using OpenCharly.Cli.Output;
using OpenCharly.Operations;

namespace OpenCharly.Cli.Commands;

/// <summary><c>charly bundle diff</c>: what an add would change.</summary>
internal sealed class BundleDiffCommand : Command
{
    private readonly BundleParameters _parameters;

    public BundleDiffCommand(CommandHost host) : base("diff", "Say what an add would change, step by step, and why")
    {
        _parameters = new BundleParameters(host, this);
        SetAction(host.Action(RunAsync));
    }

    private async Task<int> RunAsync(Invocation run, CancellationToken cancellationToken)
    {
        var requests = await _parameters.RequestsAsync(run, cancellationToken).ConfigureAwait(false);
        if (_parameters.HasMany(run.Parsed)) run.NameTargets([.. requests.Select(r => r.Name)]);
        return PlanChangeOutput.Print(run, await new ComparePlans(run.Context).RunAsync(requests, _parameters.Throttle(run.Parsed), cancellationToken).ConfigureAwait(false));
    }
}
