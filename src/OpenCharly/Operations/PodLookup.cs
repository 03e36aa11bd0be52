using OpenCharly.Boxes;
using OpenCharly.Foundation;
using OpenCharly.Model;
using OpenCharly.Pods;
using OpenCharly.Pods.Engines;
using OpenCharly.Yaml;

namespace OpenCharly.Operations;

/// <summary>A pod that somebody named, with its entry if there is one.</summary>
/// <param name="Key">The key.</param>
/// <param name="Project">The project with the per-host file over it.</param>
/// <param name="Deployment">The effective entry; null if it is in no file.</param>
internal sealed record FoundPod(PodKey Key, Project Project, Deployment? Deployment)
{
    /// <summary>The keys of all pods but this one.</summary>
    public IEnumerable<string> OtherKeys => Pods(Project).Where(d => d.Key != Key.Text).Select(d => d.Key);

    /// <summary>The pod entries of a project.</summary>
    public static IEnumerable<Deployment> Pods(Project project) => project.Deployments.Values.Where(d => d.Target == "pod" && PodKey.IsValid(d.Key));

    /// <summary>What only pods read of the entry.</summary>
    /// <exception cref="CharlyException">Whatever can't be read of it, with its position.</exception>
    public PodEntry Read(Deployment deployment)
    {
        var template = (deployment.Body?["pod"] as YamlScalar)?.Text is { } name ? Project.FindEntity("pod", name) : null;
        return PodEntryReader.Read(deployment, template);
    }

    /// <summary>
    /// Refuses an entry whose template is nowhere: without it secrets and sidecars would be missing unnoticed. Only what makes a
    /// pod asks for it, so that one whose project is gone can still be mounted, stopped and removed.
    /// </summary>
    /// <exception cref="CharlyException"><see cref="Errors.CfgReference"/>.</exception>
    public void RequireTemplate(Deployment deployment)
    {
        if ((deployment.Body?["pod"] as YamlScalar)?.Text is not { Length: > 0 } name || Project.FindEntity("pod", name) is not null) return;
        throw new CharlyException(
            Errors.CfgReference, $"deploy \"{Key}\": there is no pod \"{name}\"", Nearest.Suggest(name, Project.Entities("pod").Keys, "Declare it below pod: of the project, and run the command there."), deployment.At("pod"), Key.Text);
    }
}

/// <summary>Finds pods by what people type, and what is known of them on this machine.</summary>
internal sealed class PodLookup(CharlyContext context)
{
    /// <summary>Files of pods.</summary>
    public PodPaths Paths { get; } = new(context.Environment, context.Paths);

    /// <summary>Settings of pods.</summary>
    public PodSettings Settings => PodSettings.Read(context.Environment, context.Paths);

    /// <summary>The service manager.</summary>
    public UserServices Services { get; } = new(context.Processes);

    /// <summary>The engine that runs a pod.</summary>
    public ContainerEngine Engine(string? own = null) => new EngineChoice(context.Environment, context.Paths, context.Processes).Run(own);

    /// <summary>The engine that runs a pod, and any other that is installed: an earlier choice may have left a container there.</summary>
    public IEnumerable<ContainerEngine> Engines(string? own = null)
    {
        var chosen = Engine(own);
        yield return chosen;
        var other = new ContainerEngine(context.Processes, chosen.IsPodman ? "docker" : "podman");
        if (other.IsInstalled) yield return other;
    }

    /// <summary>The project, with the per-host file over it; what is odd in these files is told.</summary>
    public async Task<Project> LoadAsync(CancellationToken cancellationToken)
    {
        var project = await new ProjectLoader(context.Environment, context.Paths, context.Processes).LoadAsync(context.ProjectFolder, false, cancellationToken).ConfigureAwait(false);
        context.Warn(project.Warnings);
        return project;
    }

    /// <summary>Finds a pod; whether it has an entry is for the caller to judge.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.PodKey"/>; <see cref="Errors.DeployTarget"/> for an entry that is no pod.</exception>
    public async Task<FoundPod> FindAsync(PodRequest request, CancellationToken cancellationToken)
    {
        var project = await LoadAsync(cancellationToken).ConfigureAwait(false);
        if (request.Instance is null && !project.Deployments.ContainsKey(request.Name) && project.FindDeployment(request.Name) is { Target: "pod", Parent: not null } nested) return Nested(project, nested);
        var key = PodKey.Address(request.Name, request.Instance, [.. project.Deployments.Keys]);
        var deployment = project.Deployments.GetValueOrDefault(key.Text);
        return deployment is null or { Target: "pod" } ? new FoundPod(key, project, deployment) : throw new CharlyException(
            Errors.DeployTarget, $"\"{key}\" is a {deployment.Target} deployment, not a pod", deployment.Target == "vm" ? "Use charly vm." : "Name a deployment with target pod.", deployment.Position, key.Text);
    }

    // A nested pod is kept under its path joined by underscores, as its container is called (deploy.md §5).
    private static FoundPod Nested(Project project, Deployment nested)
    {
        var key = PodKey.Parse(DeployVenue.PodKeyOf(nested));
        if (DeployVenue.Of(project, nested) is var venue && venue is not DeployVenue.Own)
        {
            var there = venue is DeployVenue.Machine { Owner: var machine } ? $"charly vm ssh {machine.Vm} -- charly VERB {DeployVenue.Leaf(nested.Key)}" : $"charly VERB {DeployVenue.Leaf(nested.Key)}";
            throw new CharlyException(
                Errors.DeployPath, $"\"{nested.Key}\" runs inside of {nested.Parent}, not on this machine", $"Bring its entry there with: charly bundle add {nested.Key}. For all else use the same verb there: {there}", nested.Position, nested.Key);
        }

        if (project.Deployments.GetValueOrDefault(key.Text) is not { Body: { } host }) return new FoundPod(key, project, nested with { Key = key.Text });
        var problems = new List<Problem>();
        return new FoundPod(key, project, DeploymentReader.Read(DeploymentReader.Overlay(nested.Body!, host), key.Text, nested.IsBed, problems) with { Disposable = nested.Disposable });
    }

    /// <summary>Finds a pod that has an entry, a quadlet or a container of direct mode.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.PodNotConfigured"/> if there is nothing of it.</exception>
    public async Task<FoundPod> ExistingAsync(PodRequest request, CancellationToken cancellationToken)
    {
        var pod = await FindAsync(request, cancellationToken).ConfigureAwait(false);
        return IsConfigured(pod.Key) ? pod : throw NotConfigured(pod);
    }

    /// <summary>Refuses a name that nothing is known of: no entry, no quadlet, no marker of direct mode.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.PodNotFound"/>.</exception>
    public void RequireKnown(FoundPod pod)
    {
        if (pod.Deployment is not null || IsConfigured(pod.Key)) return;
        throw new CharlyException(Errors.PodNotFound, $"there is no pod \"{pod.Key}\"", Nearest.Suggest(pod.Key.Text, FoundPod.Pods(pod.Project).Select(d => d.Key), "Look at: charly status --all"), target: pod.Key.Text);
    }

    /// <summary>Whether a pod has a quadlet, or runs in direct mode.</summary>
    public bool IsConfigured(PodKey key) => File.Exists(Paths.Quadlet(key)) || IsDirect(key);

    /// <summary>Whether a pod runs without the service manager.</summary>
    public bool IsDirect(PodKey key) => File.Exists(Paths.DirectMarker(key));

    /// <summary>The units of pods.</summary>
    public PodUnits Units => new(Paths, Services);

    /// <summary>The error for a pod that is not configured.</summary>
    public static CharlyException NotConfigured(FoundPod pod) => new(
        Errors.PodNotConfigured,
        $"{pod.Key} is not configured; run 'charly config {pod.Key.Arguments}' first",
        pod.Deployment is null ? Nearest.Suggest(pod.Key.Text, FoundPod.Pods(pod.Project).Select(d => d.Key), $"Run: charly config {pod.Key.Arguments}") : $"Run: charly config {pod.Key.Arguments}",
        pod.Deployment?.Position,
        pod.Key.Text);

    /// <summary>Tells warnings.</summary>
    public void Tell(IEnumerable<string> warnings)
    {
        foreach (var warning in warnings) context.Progress.Report(new NoticeEvent(NoticeLevel.Warning, warning));
    }

    /// <summary>Tells what is going on.</summary>
    public void Inform(string text) => context.Progress.Report(new NoticeEvent(NoticeLevel.Info, text));
}
