using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using OpenCharly.Execution;
using OpenCharly.Foundation;
using OpenCharly.Kubernetes;
using OpenCharly.Model;
using OpenCharly.Plans;
using OpenCharly.Targets;

namespace OpenCharly.Operations;

/// <summary>A deployment to a cluster: its Kustomize tree in the project, and the cluster if that is asked for (deploy.md §7.6).</summary>
internal sealed class KubernetesDeployment(CharlyContext context, Project project, Deployment entry) : IPlanlessTarget
{
    private readonly ManifestStore _store = new(project.Folder);

    /// <inheritdoc/>
    public async Task<InstallPlan> PreviewAsync(BundleRequest request, CancellationToken cancellationToken)
    {
        var (tree, profile) = await RenderAsync(request, withSecrets: false, cancellationToken).ConfigureAwait(false);
        var files = tree.Files.ToDictionary(f => PathOf(tree, f.Key), f => f.Value.IsPrivate ? "# holds the value of a secret\n" : f.Value.Text, StringComparer.Ordinal);
        return new InstallPlan
        {
            Name = entry.Key,
            Target = "k8s:" + profile.Name,
            Host = profile.Context ?? "the current context",
            Ref = ReferenceOf(request),
            DeployId = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{entry.Key}\0{string.Join('\0', tree.Files.Select(f => f.Key + "\0" + f.Value.Text))}")))[..16],
            Box = ReferenceOf(request),
            Files = files,
            Warnings = tree.Notes,
        };
    }

    /// <inheritdoc/>
    public async Task<DeployResult> AddAsync(BundleRequest request, CancellationToken cancellationToken)
    {
        var begin = Stopwatch.GetTimestamp();
        var (tree, profile) = await RenderAsync(request, withSecrets: true, cancellationToken).ConfigureAwait(false);
        foreach (var note in tree.Notes) Tell(NoticeLevel.Warning, note);
        var changed = await _store.WriteAsync(tree, cancellationToken).ConfigureAwait(false);
        if (changed || entry.Position is null)
        {
            var recorded = entry with { Disposable = request.Disposable, Lifecycle = request.Lifecycle };
            await new HostFile(context.Paths).RecordAsync(recorded, entry.Box is null ? request.Ref : null, cancellationToken).ConfigureAwait(false);
        }

        CharlyException? failure = null;
        if (request.Apply)
        {
            try
            {
                changed |= await ApplyAsync(profile, cancellationToken).ConfigureAwait(false);
            }
            catch (CharlyException e)
            {
                failure = new CharlyException(e.Code, $"{entry.Key}: the files are written, but {e.Message}", e.Help, e.Position, entry.Key, e);
            }
        }

        return new DeployResult
        {
            Name = entry.Key, Verb = "add", Changed = changed, Items = [.. tree.Files.Keys.Select(f => PathOf(tree, f))], Duration = Stopwatch.GetElapsedTime(begin), Failure = failure,
        };
    }

    /// <summary>Brings the cluster to what was written earlier.</summary>
    public async Task<DeployResult> SyncAsync(string? cluster, bool dryRun, CancellationToken cancellationToken)
    {
        var begin = Stopwatch.GetTimestamp();
        var profile = ProfileOf(cluster);
        _store.RequireWhole(entry.Key, Name, Overlay);
        var changed = !dryRun && await ApplyAsync(profile, cancellationToken).ConfigureAwait(false);
        return new DeployResult { Name = entry.Key, Verb = "add", DryRun = dryRun, Changed = changed, Items = [_store.Overlay(Name, Overlay)], Duration = Stopwatch.GetElapsedTime(begin) };
    }

    /// <inheritdoc/>
    public async Task<DeployResult> RemoveAsync(RemoveBundleRequest request, CancellationToken cancellationToken)
    {
        var begin = Stopwatch.GetTimestamp();
        var folder = _store.Overlay(Name, Overlay);
        var stands = _store.Has(Name, Overlay);
        if (!stands) Tell(NoticeLevel.Info, $"nothing is generated for {entry.Key}: there is nothing to undo");
        if (stands && !request.DryRun)
        {
            if (!request.ForceLocal) await DeleteAsync(folder, cancellationToken).ConfigureAwait(false);
            await _store.RemoveAsync(Name, Overlay, cancellationToken).ConfigureAwait(false);
        }

        if (request is { Purge: true, DryRun: false }) await new HostFile(context.Paths).EditAsync((editor, root) => editor.Remove([root, entry.Key]), cancellationToken).ConfigureAwait(false);
        return new DeployResult { Name = entry.Key, Verb = "del", DryRun = request.DryRun, Changed = stands && !request.DryRun, Items = stands ? [folder] : [], Duration = Stopwatch.GetElapsedTime(begin) };
    }

    /// <inheritdoc/>
    public BundleStatus Status() => new()
    {
        Name = entry.Key,
        Target = "k8s",
        Host = entry.Cluster ?? "-",
        Status = IsNamed && _store.Has(Name, Overlay) ? "generated" : "configured",
        Note = IsNamed && _store.Has(Name, Overlay) ? $"bring the cluster to it with: charly bundle sync {entry.Key}" : null,
    };

    /// <summary>What the cluster says of it; without kubectl, what the files say.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.ClusterUnreachable"/>, <see cref="Errors.Kubectl"/>, <see cref="Errors.ClusterProfileMissing"/>.</exception>
    public async Task<DeploymentState> StateAsync(TimeSpan limit, CancellationToken cancellationToken)
    {
        var row = new DeploymentState { Kind = "k8s", Name = entry.Key, Status = "not configured", Container = IsNamed ? Name : "-", ImageReference = entry.Box ?? "", RunMode = "cluster", Network = entry.Cluster ?? "", Source = "entry" };
        if (!IsNamed || !_store.Has(Name, Overlay)) return row;
        row = row with { Status = "enabled", Source = "files" };
        if (context.Processes.Find("kubectl") is null) return row;
        return await new Kubectl(context.Processes, ProfileOf(null).Context).GetAsync(_store.Overlay(Name, Overlay), limit, cancellationToken).ConfigureAwait(false) is { } found
            ? row with { Status = WorkloadStates.Word(found), Source = "cluster" }
            : row;
    }

    // A key that can't name objects is an error where it is used, not where it is listed.
    private bool IsNamed
    {
        get
        {
            try
            {
                return Name.Length > 0 && Overlay.Length > 0;
            }
            catch (CharlyException e) when (e.Code == Errors.BadName)
            {
                return false;
            }
        }
    }

    private string Name => ClusterNames.Of(entry.Key.Split('/')[0], entry.Position);

    private string Overlay
    {
        get
        {
            var slash = entry.Key.IndexOf('/', StringComparison.Ordinal);
            if (slash < 0) return "default";
            var name = ClusterNames.Dashed(entry.Key[(slash + 1)..]);
            return ClusterNames.IsLabel(name) ? name : throw new CharlyException(Errors.BadName, $"\"{entry.Key}\" can't name an overlay", ClusterNames.LabelRule, entry.Position, entry.Key);
        }
    }

    private string PathOf(ManifestTree tree, string file) => Path.GetRelativePath(project.Folder, Path.Combine(_store.Folder(tree.Name), file));

    private string ReferenceOf(BundleRequest request) => request.Ref ?? entry.Box ?? entry.Key.Split('/')[0];

    private ClusterProfile ProfileOf(string? cluster) => ClusterProfiles.Find(
        project,
        context.Paths,
        cluster ?? entry.Cluster ?? throw new CharlyException(Errors.CfgReference, $"deploy \"{entry.Key}\" names no cluster", "Name its profile in k8s:, or give one with --cluster.", entry.Position, entry.Key),
        cluster is null ? entry.At("k8s") : null,
        warning => Tell(NoticeLevel.Warning, warning.ToString()));

    private async Task<(ManifestTree Tree, ClusterProfile Profile)> RenderAsync(BundleRequest request, bool withSecrets, CancellationToken cancellationToken)
    {
        var problems = new List<Problem>();
        var workload = WorkloadReader.Read(entry, problems);
        CharlyValidationException.ThrowIfAny(problems);
        foreach (var warning in problems) Tell(NoticeLevel.Warning, warning.ToString());
        var profile = ProfileOf(request.Cluster);
        var (name, overlay) = (Name, Overlay);
        var raw = ReadRaw(workload);
        var notes = new List<string>();
        var engine = entry.Engine;
        var image = await new WorkloadImages(context, project).ReadAsync(ReferenceOf(request), request.Tag ?? entry.Tag, engine, notes, cancellationToken).ConfigureAwait(false);
        var tree = ManifestRenderer.Render(new ManifestInput
        {
            Name = name,
            Overlay = overlay,
            Workload = workload,
            Image = image,
            Profile = profile,
            Environment = entry.Environment,
            SecretValues = withSecrets && profile.SecretBackend == "raw"
                ? await new WorkloadSecretValues(context).ReadAsync(entry, SecretPlan.All(workload, image), cancellationToken).ConfigureAwait(false)
                : new Dictionary<string, string>(),
            Raw = raw,
        });
        return (tree with { Notes = [.. notes, .. tree.Notes] }, profile);
    }

    private Dictionary<string, ReadOnlyMemory<byte>> ReadRaw(Workload workload)
    {
        var files = new Dictionary<string, ReadOnlyMemory<byte>>(StringComparer.Ordinal);
        foreach (var raw in workload.Raw)
        {
            var path = Path.Combine(project.Folder, raw.Text);
            if (!File.Exists(path)) throw new CharlyException(Errors.FileMissing, $"deploy \"{entry.Key}\": there is no file {raw.Text}", $"Put it into {project.Folder}, or correct the name.", raw.Position, entry.Key);
            var real = new FileInfo(path).ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? path;
            if (!project.MayReach(real)) throw new CharlyException(Errors.Workload, $"deploy \"{entry.Key}\": {raw.Text} leads out of the project", "Name a file of the project.", raw.Position, entry.Key);
            files[Path.GetFileName(path)] = File.ReadAllBytes(path);
        }

        return files;
    }

    private async Task<bool> ApplyAsync(ClusterProfile profile, CancellationToken cancellationToken)
    {
        var kubectl = new Kubectl(context.Processes, profile.Context, Say);
        if (_store.NamespaceOf(Name, Overlay) is { } space) await kubectl.EnsureNamespaceAsync(space, cancellationToken).ConfigureAwait(false);
        return await kubectl.ApplyAsync(_store.Overlay(Name, Overlay), cancellationToken).ConfigureAwait(false);
    }

    // The tree goes in any case: a cluster that is gone for good must not keep it.
    private async Task DeleteAsync(string folder, CancellationToken cancellationToken)
    {
        try
        {
            await new Kubectl(context.Processes, ProfileOf(null).Context, Say).DeleteAsync(folder, cancellationToken).ConfigureAwait(false);
        }
        catch (CharlyException e)
        {
            Tell(NoticeLevel.Warning, $"{entry.Key}: its objects may still be in the cluster: {e.Message}");
        }
    }

    private void Say(OutputLine line) => Tell(line.IsError ? NoticeLevel.Warning : NoticeLevel.Info, line.Text);

    private void Tell(NoticeLevel level, string text) => context.Progress.Report(new NoticeEvent(level, text));
}
