using OpenCharly.Foundation;
using OpenCharly.Model;
using OpenCharly.Vms;
using OpenCharly.Vms.Keys;

namespace OpenCharly.Operations;

/// <summary>
/// Makes a machine that wakes from another one's saved state (vm.md §2.2). What the two would share, and must not, is made
/// anew before anybody hears of the machine; if that fails it does not stay awake.
/// </summary>
internal sealed class VmAwakening(VmServices services, VmName name, VmSpec spec)
{
    private static readonly TimeSpan SshLimit = TimeSpan.FromSeconds(120);

    /// <summary>Does it.</summary>
    /// <param name="state"><c>NAME</c> of a snapshot of the entity's own machine, or <c>VM@NAME</c>.</param>
    /// <param name="request">The rest of what was asked for.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<VmDeployState> RunAsync(string state, CreateVmRequest request, CancellationToken cancellationToken)
    {
        var (source, snapshot, guest) = await FindAsync(state, request, cancellationToken).ConfigureAwait(false);
        using var held = await services.LockAsync(name, cancellationToken).ConfigureAwait(false);

        // The account is the one in the saved guest, whatever the entity says by now.
        var creation = new VmCreation(services, name, spec with { Ssh = spec.Ssh with { User = guest.User } }, isToStart: true, snapshot);
        await UseAsync(source, snapshot.Name, stands: true, cancellationToken).ConfigureAwait(false);
        VmHandle handle;
        try
        {
            handle = await creation.RunAsync(cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            await UseAsync(source, snapshot.Name, stands: false, CancellationToken.None).ConfigureAwait(false);
            throw;
        }

        await WakeAsync(handle, snapshot, guest, creation, cancellationToken).ConfigureAwait(false);
        return services.States.Read(name.Key)!;
    }

    /// <summary>What <see cref="RunAsync"/> would make, after refusing what it would refuse; makes nothing.</summary>
    public async Task<IReadOnlyList<string>> PreviewAsync(string state, CreateVmRequest request, CancellationToken cancellationToken)
    {
        var (_, snapshot, guest) = await FindAsync(state, request, cancellationToken).ConfigureAwait(false);
        return await new VmCreation(services, name, spec with { Ssh = spec.Ssh with { User = guest.User } }, isToStart: true, snapshot).PreviewAsync(cancellationToken).ConfigureAwait(false);
    }

    private async Task<(VmName Source, VmSnapshot Snapshot, VmSavedGuest Guest)> FindAsync(string state, CreateVmRequest request, CancellationToken cancellationToken)
    {
        if (request.Ram is not null || request.Cpus is not null)
        {
            throw new CharlyException(Errors.Usage, "a machine that wakes from a saved state has the memory and processors of the state", "Leave them out, or boot it: without --from-state.", target: name.ToString());
        }

        var (source, snapshotName) = state.Contains('@') ? CloneVm.Split(state) : (name with { Instance = null }, state);
        var (snapshot, folder) = await FindAsync(source, snapshotName!, cancellationToken).ConfigureAwait(false);
        return (source, snapshot, VmSavedGuest.Read(folder));
    }

    private async Task<(VmSnapshot Snapshot, string Folder)> FindAsync(VmName source, string snapshotName, CancellationToken cancellationToken)
    {
        var registry = new SnapshotRegistry(services.Files(source), source.ToString());
        var snapshot = registry.Find(snapshotName);
        if (snapshot is null && services.Registry.Find(source.Id) is null) throw await services.AbsentAsync(source, cancellationToken).ConfigureAwait(false);
        snapshot ??= registry.Require(snapshotName);
        if (snapshot.MemoryPath is { } memory && File.Exists(memory) && File.Exists(snapshot.DiskPath)) return (snapshot, Path.GetDirectoryName(memory)!);
        throw new CharlyException(
            Errors.VmState,
            snapshot is { Mode: VmSnapshotMode.Internal, HasMemory: true }
                ? $"the snapshot {snapshot.Name} lies inside the disk of {source}, with its memory, where no other machine can wake from it"
                : $"the snapshot {snapshot.Name} of {source} holds no memory to wake a machine from",
            $"Take one of the running machine: charly vm snapshot create {source} NAME --mode external. Nothing was changed.",
            target: snapshot.Name);
    }

    private async Task UseAsync(VmName source, string snapshot, bool stands, CancellationToken cancellationToken)
    {
        using var held = await services.LockAsync(source, cancellationToken).ConfigureAwait(false);
        new SnapshotRegistry(services.Files(source), source.ToString()).SetUser(snapshot, name.Id, stands);
        if (services.Registry.Find(source.Id) is { } handle) await new VmSnapshotting(services, handle).MirrorAsync().ConfigureAwait(false);
    }

    private async Task WakeAsync(VmHandle handle, VmSnapshot snapshot, VmSavedGuest guest, VmCreation creation, CancellationToken cancellationToken)
    {
        var files = services.Files(name);
        var keys = new SshKeys(services.Context.Environment, services.Context.Processes);
        var hostKey = creation.HostKey ?? await keys.EnsureHostKeyAsync(files.Folder, cancellationToken).ConfigureAwait(false);
        var boot = new VmBoot(services);
        if (creation.Stanza is not { } stanza)
        {
            throw new CharlyException(
                Errors.VmState, $"machine {name} has no network, so its identity could not be made anew", "Boot it: without --from-state.", target: name.ToString());
        }

        // Until it is renewed, the guest shows the host key of the saved one and lets in its key.
        AtomicFile.Write(files.KnownHosts, guest.HostKey is { } known ? KnownHosts.Line(name.Id, stanza.Host, stanza.Port, known) : "", AtomicFile.Private);
        await services.SshConfig.SetAsync(stanza with { IdentityFile = guest.KeyPath ?? stanza.IdentityFile, IsHostKeyKnown = guest.HostKey is not null }, cancellationToken).ConfigureAwait(false);
        handle = await boot.RecordAsync(handle, h => services.Router.For(h).StartFromStateAsync(h, snapshot, cancellationToken), cancellationToken).ConfigureAwait(false);
        try
        {
            var identity = new GuestIdentity(services, name, guest.User);
            var renewed = new GuestKeys(hostKey.PublicKey, creation.LoginKey?.PublicKey, guest.PublicKey);
            var agent = await services.Router.For(handle).AgentSocketAsync(handle, cancellationToken).ConfigureAwait(false);
            var isDone = agent is not null && await identity.TryRenewByAgentAsync(agent, GuestIdentity.AgentLimit, renewed, cancellationToken).ConfigureAwait(false);
            if (!isDone) await WaitAsync(handle, "it woke and has an identity of its own", token => identity.RenewBySshAsync(renewed, token), cancellationToken).ConfigureAwait(false);

            // A connection that renewed it stays open and is shared; new ones are held to the new key.
            AtomicFile.Write(files.KnownHosts, KnownHosts.Line(name.Id, stanza.Host, stanza.Port, hostKey.PublicKey), AtomicFile.Private);
            await services.SshConfig.SetAsync(
                stanza with { IdentityFile = creation.LoginKey?.PrivateKeyPath ?? guest.KeyPath, IsHostKeyKnown = true }, CancellationToken.None).ConfigureAwait(false);
            if (isDone) await WaitAsync(handle, "it lets in its user under its new host key", identity.LogInAsync, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            // Awake but not renewed, it would pass for the machine that it was taken from.
            await boot.StopAsync(handle, TimeSpan.Zero, force: true, CancellationToken.None).ConfigureAwait(false);
            await boot.FailAsync(name.Id, "its identity was not made anew, so it was ended").ConfigureAwait(false);
            throw;
        }
    }

    private Task WaitAsync(VmHandle handle, string condition, Func<CancellationToken, Task<string?>> trial, CancellationToken cancellationToken) =>
        new VmReadiness(services).WaitAsync(handle, condition, trial, SshLimit, cancellationToken);
}
