using OpenCharly.Foundation;
using OpenCharly.Model;

namespace OpenCharly.Vms;

/// <summary>Makes sure, right before a boot, that the ports of a machine can be listened on.</summary>
/// <param name="registry">Where machines and their ports are on record.</param>
/// <param name="warn">Hears of a port that was chosen anew.</param>
internal sealed class PortClaims(VmRegistry registry, Action<string> warn)
{
    /// <summary>Checks every forward; an ssh port of our own choice that is taken by now is chosen and recorded anew.</summary>
    /// <param name="handle">The machine.</param>
    /// <param name="forwards">Its forwards, the one for ssh first.</param>
    /// <param name="isSshPortFree">Whether the ssh port is ours to choose.</param>
    /// <param name="cancellationToken">Ends the wait for the registry.</param>
    /// <returns>The forwards as they are now.</returns>
    /// <exception cref="CharlyException"><see cref="Errors.PortInUse"/>.</exception>
    public async Task<IReadOnlyList<PortForward>> ClaimAsync(
        VmHandle handle, IReadOnlyList<PortForward> forwards, bool isSshPortFree, CancellationToken cancellationToken)
    {
        var name = VmName.Of(handle);
        var all = registry.Read().Values;
        for (var i = 0; i < forwards.Count; i++)
        {
            var forward = forwards[i];
            var isSsh = i == 0 && forward.HostPort == handle.SshHostPort;
            if (!isSsh || !isSshPortFree || PortAllocator.IsFree(forward.Bind, forward.HostPort, forward.Protocol))
            {
                PortAllocator.ThrowIfBusy(forward.Bind, forward.HostPort, forward.Protocol, name, all);
                continue;
            }

            var port = await registry.UpdateAsync(
                records =>
                {
                    var chosen = PortAllocator.Allocate(null, PortAllocator.Recorded(records.Values, handle.Name));
                    records[handle.Name] = handle with { SshHostPort = chosen };
                    return chosen;
                },
                cancellationToken).ConfigureAwait(false);
            warn($"ssh port {forward.HostPort} is taken by now, {port} is used instead");
            forwards = [forward with { HostPort = port }, .. forwards.Skip(1)];
        }

        return forwards;
    }
}
