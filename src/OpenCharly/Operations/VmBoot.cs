using OpenCharly.Foundation;
using OpenCharly.Vms;
using OpenCharly.Vms.Keys;

namespace OpenCharly.Operations;

/// <summary>Boots and stops machines, and keeps the records in step. The caller holds the machine's lock.</summary>
internal sealed class VmBoot(VmServices services)
{
    /// <summary>Boots.</summary>
    /// <returns>The handle as recorded.</returns>
    public async Task<VmHandle> StartAsync(VmHandle handle, CancellationToken cancellationToken)
    {
        await new DiskUsers(services).RefuseUnderInstancesAsync(handle, cancellationToken).ConfigureAwait(false);
        var started = await RecordAsync(handle, h => services.Router.For(h).StartAsync(h, cancellationToken), cancellationToken).ConfigureAwait(false);
        if (started.SshHostPort is { } port && port != handle.SshHostPort) await MoveSshAsync(started, PortAllocator.Loopback, port, cancellationToken).ConfigureAwait(false);
        return started;
    }

    /// <summary>Shuts down, and ends the shared ssh connection, which would only hang from then on.</summary>
    public async Task<VmHandle> StopAsync(VmHandle handle, TimeSpan timeout, bool force, CancellationToken cancellationToken)
    {
        var stopped = await RecordAsync(
            handle, h => services.Router.For(h).StopAsync(h, timeout, force, cancellationToken), cancellationToken).ConfigureAwait(false);
        await services.SshAccess.CloseAsync(VmName.Of(handle), services.Context.Processes, cancellationToken).ConfigureAwait(false);
        return stopped;
    }

    /// <summary>Runs a verb and records the handle that it returns, or the error that it ended in.</summary>
    public async Task<VmHandle> RecordAsync(VmHandle handle, Func<VmHandle, Task<VmHandle>> verb, CancellationToken cancellationToken)
    {
        try
        {
            var after = await verb(handle).ConfigureAwait(false);
            await services.Registry.PutAsync(after, CancellationToken.None).ConfigureAwait(false);
            return after;
        }
        catch (CharlyException e) when (e.Code.Kind is not (ErrorKind.WrongState or ErrorKind.Usage))
        {
            // A verb that the state forbids has changed nothing; anything else is what status shows until one succeeds.
            await FailAsync(handle.Name, e.Message).ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Records why a machine is failed.</summary>
    public Task FailAsync(string id, string why) => services.Registry.UpdateAsync(
        all => all.TryGetValue(id, out var current) ? all[id] = current with { Failure = why.Split('\n')[0] } : null, CancellationToken.None);

    /// <summary>Tells ssh and the per-host file of an address that was not known, or a port that had to be chosen, only now.</summary>
    public async Task MoveSshAsync(VmHandle handle, string host, int port, CancellationToken cancellationToken)
    {
        var name = VmName.Of(handle);
        var files = services.Files(name);
        if (File.Exists(files.HostKey + ".pub"))
        {
            AtomicFile.Write(files.KnownHosts, KnownHosts.Line(name.Alias, host, port, File.ReadAllText(files.HostKey + ".pub")), AtomicFile.Private);
        }

        await services.SshConfig.MoveAsync(name.Alias, host, port, cancellationToken).ConfigureAwait(false);
        if (handle.SshHostPort is null || name.IsVmFile) return;
        await services.States.UpdateAsync(name.Key, s => s with { SshPort = port }, null, cancellationToken).ConfigureAwait(false);
    }
}
