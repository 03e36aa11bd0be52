using OpenCharly.Foundation;
using OpenCharly.Vms;

namespace OpenCharly.Operations;

/// <summary>Removes a VMFile machine with everything that was made for it; its base image stays.</summary>
internal sealed class VmFileRemoval(VmServices services, VmName name)
{
    /// <summary>Stops it and removes it.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.VmNotFound"/>, <see cref="Errors.VmStop"/>.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var held = await services.LockAsync(name, cancellationToken).ConfigureAwait(false);
        await RunLockedAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>As <see cref="RunAsync"/>, for a caller that holds the lock.</summary>
    public async Task RunLockedAsync(CancellationToken cancellationToken)
    {
        var handle = services.Registry.Find(name.Id) ?? LostMachine.Find(services, name);
        if (handle is null && !Directory.Exists(services.Files(name).Folder)) throw await services.AbsentAsync(name, cancellationToken).ConfigureAwait(false);
        if (handle is not null) await services.Router.For(handle).DestroyAsync(handle, cancellationToken).ConfigureAwait(false);
        await services.SshAccess.CloseAsync(name, services.Context.Processes, CancellationToken.None).ConfigureAwait(false);
        await CleanAsync().ConfigureAwait(false);
    }

    /// <summary>Removes files, stanza and record of a machine that does not run. The record last: until then the next try finds it.</summary>
    public async Task CleanAsync()
    {
        await services.SshConfig.RemoveAsync(name.Alias, CancellationToken.None).ConfigureAwait(false);
        services.Files(name).Remove(keepHostKey: false);
        await services.Registry.RemoveAsync(name.Id, CancellationToken.None).ConfigureAwait(false);
    }
}
