using System.CommandLine;
using System.Text.Json;
using OpenCharly.Cli.Output;
using OpenCharly.Operations;

namespace OpenCharly.Cli.Commands;

/// <summary><c>charly service</c>: services inside of a running pod.</summary>
internal static class ServiceCommands
{
    public static void Fill(Command group, CommandHost host)
    {
        group.Add(new ServiceListCommand(host));
        foreach (var verb in Enum.GetValues<PodServiceVerb>()) group.Add(new ServiceVerbCommand(host, verb));
    }

    public static void Write(Utf8JsonWriter json, PodServiceState service)
    {
        json.WriteStartObject();
        json.WriteString("pod", service.Pod);
        json.WriteString("name", service.Name);
        json.WriteString("status", service.Status);
        json.WriteEndObject();
    }
}

/// <summary><c>charly service list</c>.</summary>
internal sealed class ServiceListCommand(CommandHost host) : PodCommand(host, "list", "List the services that the image of a pod names")
{
    protected override DeploymentVerb? Verb => DeploymentVerb.Service;

    protected override async Task<int> RunAsync(Invocation run, CancellationToken cancellationToken)
    {
        var services = await new ControlPodService(run.Context).ListAsync(Pod(run.Parsed), cancellationToken).ConfigureAwait(false);
        run.PrintAll(services, all => all.Count == 0 ? "no services\n" : run.Table([new("SERVICE"), new("STATUS")], all.Select(s => (IReadOnlyList<string>)[s.Name, s.Status])), ServiceCommands.Write);
        return 0;
    }
}

/// <summary><c>charly service status|start|stop|restart</c>.</summary>
internal sealed class ServiceVerbCommand : PodCommand
{
    private readonly Argument<string> _service = new("service") { Description = "Name of the service, as service list shows it", HelpName = "SERVICE" };
    private readonly PodServiceVerb _verb;
    private readonly Option<bool> _dryRun = Parameters.DryRun();

    public ServiceVerbCommand(CommandHost host, PodServiceVerb verb) : base(host, verb.ToString().ToLowerInvariant(), Describe(verb))
    {
        _verb = verb;
        Add(_service);
        if (verb != PodServiceVerb.Status) Add(_dryRun);
    }

    protected override DeploymentVerb? Verb => DeploymentVerb.Service;

    protected override async Task<int> RunAsync(Invocation run, CancellationToken cancellationToken)
    {
        var control = new ControlPodService(run.Context);
        var service = run.Parsed.GetRequiredValue(_service);
        if (_verb != PodServiceVerb.Status && run.Parsed.GetValue(_dryRun))
        {
            var now = await control.RunAsync(Pod(run.Parsed), PodServiceVerb.Status, service, cancellationToken).ConfigureAwait(false);
            return ChangePreviews.Print(run, [$"{Name} {now.Name}, which is {now.Status}"]);
        }

        var state = await control.RunAsync(Pod(run.Parsed), _verb, service, cancellationToken).ConfigureAwait(false);
        run.Print(state, s => $"{s.Name} {s.Status}\n", ServiceCommands.Write);
        return 0;
    }

    private static string Describe(PodServiceVerb verb) => verb switch
    {
        PodServiceVerb.Status => "Show the state of a service in a pod",
        PodServiceVerb.Start => "Start a service in a pod",
        PodServiceVerb.Stop => "Stop a service in a pod",
        _ => "Stop a service in a pod and start it again",
    };
}
