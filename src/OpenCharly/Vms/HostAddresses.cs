using System.Net.NetworkInformation;
using System.Net.Sockets;

namespace OpenCharly.Vms;

/// <summary>Where a guest finds the machine that it runs on.</summary>
internal static class HostAddresses
{
    /// <summary>QEMU's user network has the host there, whoever starts it.</summary>
    private const string UserNetwork = "10.0.2.2";

    /// <summary>The address; null where it is not known, as on a network of libvirt's or without one.</summary>
    public static string? Of(VmHandle handle) => handle.Network switch
    {
        { Type: "User" } when handle.Backend == "qemu" => UserNetwork,
        { Type: "Tap", Bridge: { } bridge } => OfInterface(bridge),
        _ => null,
    };

    private static string? OfInterface(string name) => NetworkInterface.GetAllNetworkInterfaces()
        .FirstOrDefault(i => i.Name == name)?
        .GetIPProperties().UnicastAddresses
        .FirstOrDefault(a => a.Address.AddressFamily == AddressFamily.InterNetwork)?
        .Address.ToString();
}
