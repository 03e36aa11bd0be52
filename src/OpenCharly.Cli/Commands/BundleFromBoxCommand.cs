using System.CommandLine;
using OpenCharly.Cli.Completion;
using OpenCharly.Cli.Output;
using OpenCharly.Operations;

namespace OpenCharly.Cli.Commands;

/// <summary><c>charly bundle from-box</c>: a deployment made of an image alone.</summary>
internal sealed class BundleFromBoxCommand : Command
{
    private readonly Argument<string> _reference = new("ref") { Description = "Image in local storage: a full reference, or the name of its box", HelpName = "REF" };
    private readonly Argument<string?> _name = new("name") { Description = "Deploy key; the last part of the repository if left out", HelpName = "NAME", Arity = ArgumentArity.ZeroOrOne };
    private readonly Option<string?> _instance = PodParameters.Instance();
    private readonly Option<string[]> _environment = PodParameters.Many("--env", "NAME=VALUE", "Variable", "-e");
    private readonly Option<string[]> _ports = PodParameters.Many("--port", "HOST:CONTAINER", "Pin of a port (pods)", "-p");
    private readonly Option<string?> _cluster;
    private readonly Option<string?> _namespace = Parameters.Text("--namespace", "NAME", "Namespace; the profile's if left out (clusters)");
    private readonly Option<bool> _dryRun = Parameters.DryRun();

    public BundleFromBoxCommand(CommandHost host) : base("from-box", "Deploy an image: start it as a pod, or write a cluster's files; needs no project")
    {
        _reference.CompletionSources.Add(context => new NameCompletions(host, context).Boxes());
        Add(_reference);
        Add(_name);
        _cluster = Parameters.Text("--cluster", "PROFILE", "Cluster profile: write a Kustomize tree instead of starting a pod");
        _cluster.CompletionSources.Add(context => new NameCompletions(host, context).Clusters());
        foreach (var option in (Option[])[_instance, _environment, _ports, _cluster, _namespace, _dryRun]) Add(option);
        SetAction(host.Action(RunAsync));
    }

    public DeployFromBoxRequest Request(ParseResult parsed) => new()
    {
        Reference = parsed.GetRequiredValue(_reference),
        Name = parsed.GetValue(_name),
        Instance = parsed.GetValue(_instance),
        Environment = parsed.GetValue(_environment) ?? [],
        Ports = parsed.GetValue(_ports) ?? [],
        Cluster = parsed.GetValue(_cluster),
        Namespace = parsed.GetValue(_namespace),
        DryRun = parsed.GetValue(_dryRun),
    };

    private async Task<int> RunAsync(Invocation run, CancellationToken cancellationToken) =>
        DeployOutput.Print(run, await new DeployFromBox(run.Context).RunAsync(Request(run.Parsed), cancellationToken).ConfigureAwait(false));
}
