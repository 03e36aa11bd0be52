using OpenCharly.Boxes;
using OpenCharly.Checks;
using OpenCharly.Foundation;
using OpenCharly.Model;
using OpenCharly.Targets;
using OpenCharly.Yaml;

namespace OpenCharly.Operations;

/// <summary>The checks of a running pod: those that its image brings, and the entry's own (deploy.md §12).</summary>
internal sealed class PodChecks(CharlyContext context, Project project, Deployment entry)
{
    private readonly PodLookup _lookup = new(context);

    /// <summary>Opens the pod's container, and works with it and the checks of deploy scope.</summary>
    public async Task<T> OnContainerAsync<T>(Func<IDeployTarget, Bundle, CheckSuite, Task<T>> work, CancellationToken cancellationToken)
    {
        if (DeployVenue.Of(project, entry) is not DeployVenue.Own) throw new CharlyException(Errors.DeployPath, $"the pod \"{entry.Key}\" runs inside of {entry.Parent}, whose charly has to check it", $"Run there: charly eval live {DeployVenue.Leaf(entry.Key)}", entry.Position, entry.Key);
        var found = await _lookup.FindAsync(new PodRequest { Name = entry.Key }, cancellationToken).ConfigureAwait(false);
        var pod = await new GetPods(context).OneAsync(found.Key, cancellationToken).ConfigureAwait(false);
        if (pod.Status != PodStatus.Running) throw new CharlyException(Errors.PodNotRunning, $"{entry.Key} is {pod.StatusWord}, and only a running pod can be checked", $"Run: charly start {found.Key.Arguments}", entry.Position, entry.Key);
        var own = found.Read(found.Deployment!);
        var engine = _lookup.Engine(own.Engine);
        var image = await new LocalImages(engine).ResolveAsync(own.Box, own.Tag, cancellationToken).ConfigureAwait(false);
        var suite = CheckSuite.Merge([.. Read(image), .. OfTemplate(), new CheckSource("deploy", entry.Key, entry.Checks, [])]).OfScope("deploy");
        var values = new Dictionary<string, string>(await new PeerReach(context, project).ValuesAsync(entry, cancellationToken).ConfigureAwait(false), StringComparer.Ordinal)
        {
            ["CONTAINER_NAME"] = pod.Container, ["IMAGE"] = image.Reference, ["INSTANCE"] = pod.Instance,
        };
        foreach (var port in pod.Ports) values[$"HOST_PORT:{port.ContainerPort}"] = $"{port.HostPort}";
        await AddVolumesAsync(engine, pod, values, cancellationToken).ConfigureAwait(false);
        if (await AddressAsync(engine, pod.Container, cancellationToken).ConfigureAwait(false) is { Length: > 0 } address) values["CONTAINER_IP"] = address;
        var bundle = new Bundle
        {
            Project = project, Entry = entry, Options = entry.Options, Ref = own.Box, Overlays = [], Candies = [], Environment = Variables(image, entry), Values = values,
        };
        var target = await new TargetOpener(context).OpenContainerAsync(project, entry, cancellationToken).ConfigureAwait(false);
        await using (target.ConfigureAwait(false))
        {
            return await work(target, bundle, suite).ConfigureAwait(false);
        }
    }

    /// <summary>The checks that an image says of itself, of every scope.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.ImageMetadata"/> if they can't be read.</exception>
    public static IEnumerable<CheckSource> Read(BoxImage image) =>
        LabelChecks.Read(image.Labels.Checks, image.Labels.Box.Length > 0 ? image.Labels.Box : image.Reference, image.Reference).Select(g => new CheckSource(g.Section, g.Owner, g.Checks, []));

    // The template's lie below the entry's own (pod.md §2).
    private IEnumerable<CheckSource> OfTemplate()
    {
        if ((entry.Body?["pod"] as YamlScalar)?.Text is not { } name || project.FindEntity("pod", name) is not { } template) return [];
        var problems = new List<Problem>();
        var binder = new YamlBinder(template, $"pod \"{name}\"", problems);
        CheckSource[] sources = [new("deploy", name, CheckReader.List(binder, scope: "deploy"), []), new("deploy", name, CheckReader.List(binder, "deploy_eval", "deploy"), [])];
        return problems.Find(p => !p.IsWarning) is { } problem ? throw new CharlyException(problem.Code, problem.Message, problem.Help, problem.Position, entry.Key) : sources;
    }

    private static Dictionary<string, string> Variables(BoxImage image, Deployment entry)
    {
        var all = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in image.Labels.Environment.Concat(entry.Environment)) all[name] = value;
        return all;
    }

    private static async Task<string> AddressAsync(ContainerEngine engine, string container, CancellationToken cancellationToken)
    {
        var inspected = await engine.RunAsync(["container", "inspect", "--format", "{{range .NetworkSettings.Networks}}{{.IPAddress}} {{end}}", container], cancellationToken).ConfigureAwait(false);
        return inspected.Succeeded ? inspected.StandardOutput.Trim().Split(' ')[0] : "";
    }

    // A volume is told as NAME: SOURCE -> PATH, where a source is a folder of this machine or a volume of the engine.
    private static async Task AddVolumesAsync(ContainerEngine engine, CharlyPod pod, Dictionary<string, string> values, CancellationToken cancellationToken)
    {
        foreach (var volume in pod.Volumes)
        {
            var colon = volume.IndexOf(": ", StringComparison.Ordinal);
            var arrow = volume.IndexOf(" -> ", StringComparison.Ordinal);
            if (colon < 0 || arrow < colon) continue;
            var (name, source) = (volume[..colon], volume[(colon + 2)..arrow]);
            values["VOLUME_CONTAINER_PATH:" + name] = volume[(arrow + 4)..].Split(' ')[0];
            if (!source.StartsWith('/'))
            {
                var inspected = await engine.RunAsync(["volume", "inspect", "--format", "{{.Mountpoint}}", source], cancellationToken).ConfigureAwait(false);
                source = inspected.Succeeded ? inspected.StandardOutput.Trim() : "";
            }

            if (source.Length > 0) values["VOLUME_PATH:" + name] = source;
        }
    }
}
