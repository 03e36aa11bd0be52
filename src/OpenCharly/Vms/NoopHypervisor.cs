using OpenCharly.Foundation;

namespace OpenCharly.Vms;

/// <summary>A backend that does nothing, for trying out what lies around it (vm.md §3): every verb succeeds.</summary>
/// <param name="paths">The user's folders.</param>
public sealed class NoopHypervisor(HostPaths paths) : IHypervisor
{
    /// <inheritdoc/>
    public string Backend => "noop";

    /// <inheritdoc/>
    public HypervisorCapabilities Capabilities { get; } = new(Suspend: true, Console: false, Bridge: true, Autostart: true)
    {
        UserNetwork = true, Nat = true, Vnic = true, DirectBoot = true, Uefi = true, HostDevices = true, SharedFolders = true, RawXml = true,
    };

    /// <inheritdoc/>
    public Task<VmHandle> PrepareAsync(VmPreparation preparation, CancellationToken cancellationToken = default)
    {
        var files = new VmFiles(paths, preparation.Name.Id);
        AtomicFile.EnsureFolder(files.Folder, isPrivate: true);
        return Task.FromResult(new VmHandle
        {
            Id = $"noop-{Guid.NewGuid()}",
            Name = preparation.Name.Id,
            Backend = Backend,
            WorkDir = files.Folder,
            OverlayPath = preparation.Disk,
            SeedIsoPath = preparation.Seed,
            Vcpus = preparation.Cpus,
            MemoryMb = checked((int)preparation.MemoryMb),
            Network = preparation.Spec.Network.Mode switch
            {
                "none" => new VmHandleNetwork("None", null, null),
                "bridge" or "nat" => new VmHandleNetwork("Tap", preparation.Spec.Network.Bridge, null),
                _ => new VmHandleNetwork("User", null, null),
            },
            MacAddr = preparation.Mac,
            SshHostPort = preparation.SshPort,
            Instance = preparation.Name.Instance,
        });
    }

    /// <inheritdoc/>
    public Task<VmHandle> StartAsync(VmHandle handle, CancellationToken cancellationToken = default) => Task.FromResult(handle);

    /// <inheritdoc/>
    public Task<VmHandle> StopAsync(VmHandle handle, TimeSpan timeout, bool force, CancellationToken cancellationToken = default) => Task.FromResult(handle);

    /// <inheritdoc/>
    public Task<VmHandle> SuspendAsync(VmHandle handle, CancellationToken cancellationToken = default) => Task.FromResult(handle);

    /// <inheritdoc/>
    public Task<VmHandle> ResumeAsync(VmHandle handle, CancellationToken cancellationToken = default) => Task.FromResult(handle);

    /// <inheritdoc/>
    public Task DestroyAsync(VmHandle handle, CancellationToken cancellationToken = default) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task<VmLive> StateAsync(VmHandle handle, CancellationToken cancellationToken = default) => Task.FromResult(new VmLive(VmStatus.Prepared));

    /// <inheritdoc/>
    public Task<string?> AddressAsync(VmHandle handle, CancellationToken cancellationToken = default) => Task.FromResult<string?>("127.0.0.1");

    /// <inheritdoc/>
    public Task SetAutostartAsync(VmHandle handle, bool isOn, CancellationToken cancellationToken = default) => Task.CompletedTask;

    /// <inheritdoc/>
    public ConsoleEndpoint Console(VmHandle handle) => new(ConsoleKind.None, "");
}
