using OpenCharly.Foundation;
using OpenCharly.Model;
using OpenCharly.Vms;
using OpenCharly.Yaml;

namespace OpenCharly.Operations;

/// <summary>What <c>CloneVm</c> works from.</summary>
public sealed record CloneVmRequest
{
    /// <summary>Name of the new entity.</summary>
    public required string Name { get; init; }

    /// <summary>The machine to clone, perhaps with the snapshot to stand on: <c>web</c> or <c>web@clean</c>.</summary>
    public required string From { get; init; }

    /// <summary>Whether the clone gets a machine identity of its own when it first boots.</summary>
    public bool CloudInitClean { get; init; } = true;

    /// <summary>Whether its disk is made now.</summary>
    public bool Build { get; init; } = true;
}

/// <summary>Declares a machine whose disk stands on a snapshot of another one.</summary>
public sealed class CloneVm
{
    private static readonly string[] OwnKeys = ["source", "snapshot", "snapshots", "ssh", "autostart"];

    private readonly VmServices _services;

    /// <summary>Makes the operation.</summary>
    /// <param name="context">What it works with.</param>
    public CloneVm(CharlyContext context)
        : this(new VmServices(context))
    {
    }

    internal CloneVm(VmServices services) => _services = services;

    /// <summary>
    /// Adds the entity to the project file of the cloned one, with its comments and order untouched. Without a snapshot one is
    /// taken, called <c>clone-</c> and the name; no data is copied.
    /// </summary>
    /// <exception cref="CharlyException"><see cref="Errors.VmNameExists"/>, <see cref="Errors.VmNotFound"/>, <see cref="Errors.VmNotCreated"/>,
    /// <see cref="Errors.SnapshotNotFound"/>, <see cref="Errors.Usage"/> for a machine of a VMFile, and what <see cref="CreateVmSnapshot"/>,
    /// <see cref="PromoteVmSnapshot"/> and <see cref="BuildVm"/> throw.</exception>
    public async Task<VmDeployState> RunAsync(CloneVmRequest request, CancellationToken cancellationToken = default)
    {
        var (name, parent, wanted, spec, entry) = await ReadAsync(request, cancellationToken).ConfigureAwait(false);
        var services = _services.For(name);
        using (await services.LockAsync(parent, cancellationToken).ConfigureAwait(false))
        {
            var handle = await services.RequireHandleAsync(parent, cancellationToken).ConfigureAwait(false);
            var snapshot = await SnapshotAsync(services, handle, name, wanted, cancellationToken).ConfigureAwait(false);
            try
            {
                entry.Add(name.Entity, Describe(entry.Entity, spec, snapshot.Name, request.CloudInitClean));
            }
            catch when (wanted is null)
            {
                await RemoveVmSnapshot.RemoveAsync(services, handle, snapshot, CancellationToken.None).ConfigureAwait(false);
                throw;
            }
        }

        if (request.Build) await new BuildVm(_services).RunAsync(new BuildVmRequest { Name = name.Entity }, cancellationToken).ConfigureAwait(false);
        return services.States.Read(name.Key) ?? new VmDeployState { Key = name.Key };
    }

    /// <summary>Tells what <see cref="RunAsync"/> would do, and refuses what it would refuse; changes nothing.</summary>
    /// <exception cref="CharlyException">What <see cref="RunAsync"/> throws before it makes anything.</exception>
    public async Task<VmPreview> PreviewAsync(CloneVmRequest request, CancellationToken cancellationToken = default)
    {
        var (name, parent, wanted, _, entry) = await ReadAsync(request, cancellationToken).ConfigureAwait(false);
        var services = _services.For(name);
        var handle = await services.RequireHandleAsync(parent, cancellationToken).ConfigureAwait(false);
        var hypervisor = services.Router.For(handle);
        var live = await hypervisor.StateAsync(handle, cancellationToken).ConfigureAwait(false);
        var snapshots = new VmSnapshotting(services, handle);
        var changes = new List<string>();
        if (wanted is null)
        {
            var order = Order(handle, name);
            snapshots.Plan(order, hypervisor, live.Pid is not null);
            if (snapshots.Registry.Find(order.Snapshot) is not null) throw new CharlyException(Errors.SnapshotExists, $"machine {parent} has a snapshot \"{order.Snapshot}\" already", $"Clone that one: --from {parent}@{order.Snapshot}", target: order.Snapshot);
            changes.Add($"take the snapshot {order.Snapshot} of {parent}");
        }
        else if (snapshots.Registry.Require(wanted).Mode == VmSnapshotMode.Internal)
        {
            changes.Add($"copy the snapshot {wanted} of {parent} into a file of its own");
        }

        changes.Add($"add the entity {name} to {entry.Path}");
        if (request.Build) changes.Add($"make its disk on the snapshot {wanted ?? "clone-" + name.Entity} of {parent}");
        return new VmPreview(name.ToString(), VmVerb.Clone, VmStatus.Destroyed, VmStatus.Destroyed, changes);
    }

    /// <summary>Everything that is read and checked before anything is made.</summary>
    private async Task<(VmName Name, VmName Parent, string? Snapshot, VmSpec Spec, EntityFile Entry)> ReadAsync(CloneVmRequest request, CancellationToken cancellationToken)
    {
        var name = VmName.Create(request.Name, null);
        var (parent, wanted) = Split(request.From);
        if (parent.IsVmFile || parent.Instance is not null)
        {
            throw new CharlyException(Errors.Usage, $"{parent} is no entity of charly.yml, and only those are cloned", "Name a machine of the project.", target: parent.ToString());
        }

        var services = _services.For(name);
        var spec = await services.RequireSpecAsync(parent, cancellationToken).ConfigureAwait(false);
        if (services.Registry.Find(name.Id) is not null || await services.FindSpecAsync(name.Entity, cancellationToken).ConfigureAwait(false) is not null)
        {
            throw new CharlyException(Errors.VmNameExists, $"the project declares a machine {name} already", "Choose another name.", target: name.ToString());
        }

        // The file is read before anything is made, so that one which can't be edited costs nothing.
        return (name, parent, wanted, spec, new EntityFile(spec));
    }

    internal static (VmName Vm, string? Snapshot) Split(string text)
    {
        var at = text.IndexOf('@', StringComparison.Ordinal);
        return at < 0 ? (VmName.Parse(text), null) : (VmName.Parse(text[..at]), text[(at + 1)..]);
    }

    private static async Task<VmSnapshot> SnapshotAsync(VmServices services, VmHandle handle, VmName name, string? wanted, CancellationToken cancellationToken)
    {
        var snapshots = new VmSnapshotting(services, handle);
        if (wanted is null)
        {
            return await snapshots.TakeAsync(Order(handle, name), cancellationToken).ConfigureAwait(false);
        }

        var snapshot = snapshots.Registry.Require(wanted);
        if (snapshot.Mode == VmSnapshotMode.External) return snapshot;
        services.Notice(NoticeLevel.Info, $"the snapshot {wanted} is inside the disk of {VmName.Of(handle)}; it is copied into a file of its own first");
        return await PromoteVmSnapshot.RunLockedAsync(services, handle, wanted, cancellationToken).ConfigureAwait(false);
    }

    private static CreateVmSnapshotRequest Order(VmHandle parent, VmName name) => new()
    {
        Name = VmName.Of(parent).ToString(), Snapshot = "clone-" + name.Entity, Mode = VmSnapshotMode.External, DiskOnly = true, Description = $"base of {name}",
    };

    /// <summary>The parent's entity with another source; what would collide with the parent on this host is left out.</summary>
    private static YamlValue Describe(YamlMapping parent, VmSpec spec, string snapshot, bool clean)
    {
        var source = YamlValue.Map(("kind", "clone"), ("from_vm", spec.Name), ("from_snapshot", snapshot), ("cloud_init_clean", clean));
        List<(string, YamlValue)> entries = [("source", source)];
        foreach (var entry in parent.Entries.Where(e => !OwnKeys.Contains(e.Key.Text)))
        {
            var value = entry.Key.Text switch
            {
                "network" when entry.Value is YamlMapping network => Without(network, "mac", "port_forwards"),
                "cloud_init" when entry.Value is YamlMapping cloudInit => Without(cloudInit, "hostname"),
                _ => YamlValue.From(entry.Value),
            };
            if (value is not null) entries.Add((entry.Key.Text, value));
        }

        var ssh = parent["ssh"] as YamlMapping;
        List<(string, YamlValue)> access = [("user", VmPlacement.SshUser(spec)), ("port_auto", true)];
        foreach (var entry in ssh?.Entries ?? [])
        {
            if (entry.Key.Text is not ("user" or "port" or "port_auto")) access.Add((entry.Key.Text, YamlValue.From(entry.Value)));
        }

        entries.Add(("ssh", YamlValue.Map(access)));
        return YamlValue.Map(entries);
    }

    private static YamlValue? Without(YamlMapping map, params string[] keys)
    {
        var rest = map.Entries.Where(e => !keys.Contains(e.Key.Text)).Select(e => (e.Key.Text, YamlValue.From(e.Value))).ToArray();
        return rest.Length == 0 ? null : YamlValue.Map(rest);
    }

    /// <summary>The file that an entity stands in.</summary>
    private sealed class EntityFile
    {
        private readonly int _document;
        private readonly string _root;

        public EntityFile(VmSpec spec)
        {
            Path = System.IO.Path.GetFullPath(spec.Position.File, spec.ProjectFolder);
            var documents = File.Exists(Path) ? YamlReader.ReadFile(Path) : [];
            for (_document = 0; _document < documents.Count; _document++)
            {
                foreach (var root in (string[])["vm", "vms"])
                {
                    if ((documents[_document] as YamlMapping)?[root] is not YamlMapping all || all[spec.Name] is not YamlMapping entity) continue;
                    (_root, Entity) = (root, entity);
                    return;
                }
            }

            throw new CharlyException(
                Errors.VmNotFound, $"the entity {spec.Name} is not in {Path} itself, so a clone can't be added beside it", $"Write the clone by hand: source: {{kind: clone, from_vm: {spec.Name}, from_snapshot: NAME}}", spec.Position, spec.Name);
        }

        /// <summary>Path of the file.</summary>
        public string Path { get; }

        public YamlMapping Entity { get; }

        public void Add(string name, YamlValue entity)
        {
            var editor = new YamlEditor(File.ReadAllText(Path), Path, _document);
            editor.Set([_root, name], entity);
            AtomicFile.Write(Path, editor.Text, File.GetUnixFileMode(Path));
        }
    }
}
