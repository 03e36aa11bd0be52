using System.Diagnostics;
using OpenCharly.Foundation;
using OpenCharly.Model;
using OpenCharly.Targets;
using OpenCharly.Yaml;

namespace OpenCharly.Operations;

/// <summary>What <c>DeployFromBox</c> works from.</summary>
public sealed record DeployFromBoxRequest
{
    /// <summary>Full reference of an image in local storage, or name of a box.</summary>
    public required string Reference { get; init; }

    /// <summary>Deploy key; the last part of the repository if null.</summary>
    public string? Name { get; init; }

    /// <summary>Instance; none if null.</summary>
    public string? Instance { get; init; }

    /// <summary>Variables <c>NAME=value</c>.</summary>
    public IReadOnlyList<string> Environment { get; init; } = [];

    /// <summary>Pins <c>HOST:CONTAINER</c>; for pods only.</summary>
    public IReadOnlyList<string> Ports { get; init; } = [];

    /// <summary>Cluster profile: makes it a deployment to a cluster; a pod on this machine if null.</summary>
    public string? Cluster { get; init; }

    /// <summary>Namespace in the cluster; the profile's if null.</summary>
    public string? Namespace { get; init; }

    /// <summary>Change nothing, and say what would be written.</summary>
    public bool DryRun { get; init; }
}

/// <summary>
/// Makes a deployment of an image alone (deploy.md §3.3): a pod that is configured and started, or the tree of a cluster. No
/// project is needed, for the image's labels say everything.
/// </summary>
/// <param name="context">What it works with.</param>
public sealed class DeployFromBox(CharlyContext context)
{
    /// <summary>Deploys it.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.ImageNotLocal"/>, <see cref="Errors.ImageMetadata"/>, <see cref="Errors.BadName"/>;
    /// <see cref="Errors.DeployBox"/> if the key is taken by something else; <see cref="Errors.Usage"/> for choices that don't fit
    /// the target; what configuring a pod or writing a tree can end in.</exception>
    public async Task<DeployResult> RunAsync(DeployFromBoxRequest request, CancellationToken cancellationToken = default)
    {
        if (request.Cluster is not null && request.Ports.Count > 0) throw new CharlyException(Errors.Usage, "a cluster publishes the ports that the image says; there is none to choose", "Leave out -p, or leave out --cluster for a pod on this machine.");
        if (request.Cluster is null && request.Namespace is not null) throw new CharlyException(Errors.Usage, "only clusters have namespaces", "Name the cluster's profile with --cluster.");
        var begin = Stopwatch.GetTimestamp();
        var made = await new FromBox(context).RunAsync(request.Reference, request.Name, request.Instance, cancellationToken).ConfigureAwait(false);
        var project = await new BundleResolver(context).LoadAsync(cancellationToken).ConfigureAwait(false);
        var earlier = project.Deployments.GetValueOrDefault(made.Key);
        RequireFree(earlier, made, request.Cluster is null ? "pod" : "k8s");
        var result = request.Cluster is { } cluster
            ? await ToClusterAsync(request, made, cluster, project, earlier, cancellationToken).ConfigureAwait(false)
            : await ToPodAsync(request, made, cancellationToken).ConfigureAwait(false);
        return result with { Duration = Stopwatch.GetElapsedTime(begin) };
    }

    // What a person wrote into an entry stays (deploy.md §1.4).
    private static void RequireFree(Deployment? earlier, BoxDeployment made, string target)
    {
        if (earlier is null) return;
        if (earlier.Target == target && (earlier.Box is null || earlier.Box == made.Box)) return;
        var what = earlier.Target == target ? $"of {earlier.Box}" : $"with target {earlier.Target}";
        throw new CharlyException(
            Errors.DeployBox, $"there is a deployment {made.Key} already, {what}", $"Choose another name: charly bundle from-box {made.Box} NAME. Or change box: of the entry.", earlier.At("box"), made.Key);
    }

    private async Task<DeployResult> ToPodAsync(DeployFromBoxRequest request, BoxDeployment made, CancellationToken cancellationToken)
    {
        var configure = new ConfigurePodRequest { Name = made.Key, Box = made.Box, Environment = request.Environment, Ports = request.Ports, DryRun = request.DryRun };
        var configured = await new ConfigurePod(context).RunAsync(configure, cancellationToken).ConfigureAwait(false);
        if (!request.DryRun && configured.Mode == "quadlet") await new StartPod(context).RunAsync(new ConfigurePodRequest { Name = made.Key }, cancellationToken).ConfigureAwait(false);
        return new DeployResult { Name = made.Key, Verb = "add", DryRun = request.DryRun, Changed = !request.DryRun, Items = [.. configured.Files.Select(f => f.Name)] };
    }

    private async Task<DeployResult> ToClusterAsync(
        DeployFromBoxRequest request, BoxDeployment made, string cluster, Project project, Deployment? earlier, CancellationToken cancellationToken)
    {
        var draft = new YamlEditor("", made.Key);
        Write(draft, "deploy");
        var body = (YamlMapping)((YamlMapping)((YamlMapping)YamlReader.Read(draft.Text, "--cluster")[0])["deploy"]!)[made.Key]!;
        var problems = new List<Problem>();
        var entry = DeploymentReader.Read(earlier?.Body is { } written ? DeploymentReader.Overlay(written, body) : body, made.Key, isBed: false, problems);
        CharlyValidationException.ThrowIfAny(problems);
        var target = new KubernetesDeployment(context, project, entry);
        var wanted = new BundleRequest { Name = made.Key, Ref = made.Box };
        if (request.DryRun)
        {
            var plan = await target.PreviewAsync(wanted, cancellationToken).ConfigureAwait(false);
            return new DeployResult { Name = made.Key, Verb = "add", DryRun = true, Items = [.. plan.Files.Keys] };
        }

        var result = await target.AddAsync(wanted, cancellationToken).ConfigureAwait(false);
        await new HostFile(context.Paths).EditAsync(Write, cancellationToken).ConfigureAwait(false);
        return result;

        void Write(YamlEditor editor, string root)
        {
            Set("target", "k8s");
            Set("box", made.Box);
            Set("k8s", cluster);
            if (request.Namespace is { } space) editor.Set([root, made.Key, "kubernetes", "namespace"], space);
            if (request.Environment.Count > 0) editor.Set([root, made.Key, "env"], YamlValue.TextList(request.Environment));

            void Set(string key, string value) => editor.Set([root, made.Key, key], value);
        }
    }
}
