using OpenCharly.Foundation;
using OpenCharly.Model;

namespace OpenCharly.Vms;

/// <summary>The settings of machines: a variable, else the key <c>vm.NAME</c> of the settings file.</summary>
/// <param name="environment">Variables of the user.</param>
/// <param name="paths">Where the settings file is.</param>
internal sealed class VmSettings(CharlyEnvironment environment, HostPaths paths)
{
    /// <summary>Backend for machines whose entity says <c>auto</c>: <c>CHARLY_VM_BACKEND</c>, <c>vm.backend</c>.</summary>
    public string? Backend => Get("backend");

    /// <summary>Address of libvirt: <c>CHARLY_VM_LIBVIRT_URI</c>, <c>vm.libvirt_uri</c>; its session here if null.</summary>
    public string? LibvirtUri => Get("libvirt_uri");

    /// <summary>How libvirt machines reach the network of their user: <c>CHARLY_VM_USER_NETWORK</c>, <c>vm.user_network</c>: <c>passt</c> (if null) or <c>slirp</c>.</summary>
    public string? UserNetwork => Get("user_network");

    /// <summary>ZFS pool of Propolis machines: <c>CHARLY_PROPOLIS_POOL</c>, <c>propolis.pool</c>; <c>rpool</c> if null.</summary>
    public string? PropolisPool => environment.Variable("CHARLY_PROPOLIS_POOL") ?? Setting("propolis", "pool");

    /// <summary>Where a Propolis server listens: <c>CHARLY_PROPOLIS_ADDRESS</c>, <c>propolis.address</c>.</summary>
    public string? PropolisAddress => environment.Variable("CHARLY_PROPOLIS_ADDRESS") ?? Setting("propolis", "address");

    /// <summary>Folder of Propolis machines: <c>CHARLY_PROPOLIS_ROOT</c>, <c>propolis.root</c>; <c>/var/lib/vmctl</c> if null.</summary>
    public string? PropolisRoot => environment.Variable("CHARLY_PROPOLIS_ROOT") ?? Setting("propolis", "root");

    private string? Get(string name) => environment.Variable("CHARLY_VM_" + name.ToUpperInvariant()) ?? Setting("vm", name);

    private string? Setting(string group, string name) => new SettingsFile(paths).Text(SettingKey.Of($"{group}.{name}"));
}
