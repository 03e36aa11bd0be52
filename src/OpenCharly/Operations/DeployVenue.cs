using OpenCharly.Execution;
using OpenCharly.Foundation;
using OpenCharly.Model;
using OpenCharly.Pods;

namespace OpenCharly.Operations;

/// <summary>The place that a deployment runs in because it stands inside of others (deploy.md §5).</summary>
internal abstract record DeployVenue
{
    /// <summary>This machine, or the host of the entry itself.</summary>
    public sealed record Own : DeployVenue;

    /// <summary>A host behind ssh, which a deployment around it names.</summary>
    public sealed record Remote(Deployment Owner) : DeployVenue;

    /// <summary>A virtual machine.</summary>
    public sealed record Machine(Deployment Owner) : DeployVenue;

    /// <summary>The running container of a pod: of the engine that its entry chooses, or of podman in a machine.</summary>
    public sealed record Container(string Name, Deployment? Guest, string? Engine = null) : DeployVenue;

    private static readonly Own Free = new();

    /// <summary>The deployments around an entry, the outermost first; empty for one that stands by itself.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.DeployPath"/> for a path that leads nowhere or in a circle.</exception>
    public static IReadOnlyList<Deployment> ChainOf(Project project, Deployment entry)
    {
        var chain = new List<Deployment>();
        for (var here = entry; Outer(here) is { } path; here = chain[0])
        {
            var outer = project.FindDeployment(path) ?? throw new CharlyException(
                Errors.DeployPath, $"deploy \"{here.Key}\": there is no deployment \"{path}\" for it to be inside of", Nearest.Suggest(path, project.Deployments.Keys, "Name a deploy key or a dotted path."),
                here.At("inside"), here.Key);
            if (outer.Key == entry.Key || chain.Any(c => c.Key == outer.Key))
            {
                throw new CharlyException(Errors.DeployPath, $"deploy \"{entry.Key}\" is inside of itself: {string.Join(" in ", [entry.Key, .. chain.AsEnumerable().Reverse().Select(c => c.Key), outer.Key])}", "Take one inside: out of the circle.", entry.At("inside"), entry.Key);
            }

            chain.Insert(0, outer);
        }

        return chain;
    }

    /// <summary>Where an entry runs.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.DeployPath"/> if no way leads there.</exception>
    public static DeployVenue Of(Project project, Deployment entry)
    {
        DeployVenue here = Free;
        foreach (var outer in ChainOf(project, entry))
        {
            here = (outer.Target, here) switch
            {
                ("local", Own) => ExecutorFactory.IsLocal(outer.Host) ? Free : new Remote(outer),
                ("local", _) when !ExecutorFactory.IsLocal(outer.Host) => throw NoWay(entry, outer, "a host behind ssh, which can be reached from this machine only"),
                ("local" or "android", _) => here,
                ("vm", Own) => new Machine(outer),
                ("vm", _) => throw NoWay(entry, outer, "a machine, which can be reached from this machine only"),
                ("pod", Own) => new Container(ContainerOf(outer), null, outer.Engine),
                ("pod", Machine guest) => new Container("charly-" + Leaf(outer.Key), guest.Owner),
                _ => throw NoWay(entry, outer, $"a {outer.Target} deployment, which has no shell to go through"),
            };
        }

        if (here is not Own && !ExecutorFactory.IsLocal(entry.Host)) throw NoWay(entry, entry, "a host of its own, which can be reached from this machine only");
        return here;
    }

    /// <summary>The last name of a path.</summary>
    public static string Leaf(string key) => key[(key.LastIndexOf('.') + 1)..];

    /// <summary>The key of a nested pod among pods: its path joined by underscores, as its container is called.</summary>
    public static string PodKeyOf(Deployment pod) => pod.Parent is null ? pod.Key : pod.Key.Replace('.', '_');

    private static string ContainerOf(Deployment pod) => PodKey.Parse(PodKeyOf(pod)).Container;

    private static string? Outer(Deployment entry) => entry.Inside ?? entry.Parent;

    private static CharlyException NoWay(Deployment entry, Deployment outer, string what) => new(
        Errors.DeployPath, $"deploy \"{entry.Key}\" can't be reached: \"{outer.Key}\" is {what}", "Declare it at the top level, or put it inside of something else.", entry.Position, entry.Key);
}
