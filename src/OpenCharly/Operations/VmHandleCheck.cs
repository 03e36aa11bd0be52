using System.Globalization;
using OpenCharly.Model;
using OpenCharly.Vms;
using OpenCharly.Vms.Definitions;

namespace OpenCharly.Operations;

/// <summary>
/// Looks at a record that came from elsewhere. What is in it goes into the ssh configuration and onto command lines, so it must be
/// what we would have written: an account of two lines would add options to every host there, one of them being a command.
/// </summary>
internal static class VmHandleCheck
{
    /// <summary>What is wrong with a record; null if nothing is.</summary>
    /// <param name="handle">The record.</param>
    /// <param name="backends">Names of the backends that there are.</param>
    public static string? Fault(VmHandle handle, IEnumerable<string> backends)
    {
        if (!backends.Contains(handle.Backend)) return $"\"backend\" is \"{handle.Backend}\", which is none";
        if (handle.SshUser is { } user && !VmFileReader.IsAccount(user)) return $"\"ssh_user\" is \"{user}\", which can't be an account";
        if (handle.SshHostPort is < 1 or > 65535) return Say("ssh_host_port", handle.SshHostPort.Value);
        if (handle.Vcpus < 1) return Say("vcpus", handle.Vcpus);
        if (handle.MemoryMb < 1) return Say("memory_mb", handle.MemoryMb);
        if (handle.DiskGb is < 1) return Say("disk_gb", handle.DiskGb.Value);
        if (handle.Network.Type is not ("User" or "Tap" or "Vnic" or "None")) return $"\"network\" is of the type \"{handle.Network.Type}\", which is none";
        return handle.PortForwards.FirstOrDefault(f => !VmReader.TryParseForward(f, out _)) is { } forward ? $"\"port_forwards\" holds \"{forward}\", which is no port forward" : null;
    }

    private static string Say(string key, int value) => string.Create(CultureInfo.InvariantCulture, $"\"{key}\" is {value}");
}
