using System.CommandLine;
using OpenCharly.Cli.Completion;
using OpenCharly.Cli.Output;
using OpenCharly.Operations;

namespace OpenCharly.Cli.Commands;

/// <summary><c>charly bundle sync</c>: brings a cluster to what was written earlier.</summary>
internal sealed class BundleSyncCommand : Command
{
    private readonly Argument<string> _name = new("name") { Description = "Name of a deploy entry whose target is k8s", HelpName = "NAME" };
    private readonly Option<string?> _cluster;
    private readonly Option<bool> _dryRun = Parameters.Flag("--dry-run", "Only look whether it could be applied");

    public BundleSyncCommand(CommandHost host) : base("sync", "Bring a cluster to the files that bundle add wrote")
    {
        _name.CompletionSources.Add(context => new NameCompletions(host, context).Bundles());
        Add(_name);
        Add(_cluster = BundleAddCommand.ClusterOption(host));
        Add(_dryRun);
        SetAction(host.Action(RunAsync));
    }

    private async Task<int> RunAsync(Invocation run, CancellationToken cancellationToken)
    {
        var parsed = run.Parsed;
        var result = await new SyncKubernetes(run.Context).RunAsync(parsed.GetRequiredValue(_name), parsed.GetValue(_cluster), parsed.GetValue(_dryRun), cancellationToken).ConfigureAwait(false);
        return DeployOutput.Print(run, result);
    }
}
