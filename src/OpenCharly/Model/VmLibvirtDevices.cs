using System.Text.RegularExpressions;
using OpenCharly.Foundation;
using OpenCharly.Yaml;

namespace OpenCharly.Model;

/// <summary>The rules for declared libvirt devices that hang on more than one value (vm.md §3.3).</summary>
internal static partial class VmLibvirtDevices
{
    private static readonly string[] PciParts = ["domain", "bus", "slot", "function"];

    /// <summary>Reports what is wrong.</summary>
    public static void Check(YamlBinder libvirt)
    {
        if (libvirt.Map("devices") is not { } devices) return;
        foreach (var channel in Items(devices, "channels")) CheckChannel(libvirt, channel);
        foreach (var graphics in Items(devices, "graphics")) CheckListen(libvirt, graphics);
        foreach (var device in Items(devices, "hostdevs")) CheckHostDevice(libvirt, device);
        foreach (var folder in Items(devices, "filesystems")) CheckFileSystem(libvirt, folder);
    }

    /// <summary>The mapping with a PCI device's address: the source itself, or <c>address</c> in it or beside it.</summary>
    public static YamlMapping? PciAddress(YamlMapping device) =>
        (device["source"] as YamlMapping)?["address"] as YamlMapping ?? device["address"] as YamlMapping ?? device["source"] as YamlMapping;

    private static void CheckChannel(YamlBinder libvirt, YamlMapping channel)
    {
        if (((channel["source"] as YamlMapping)?["path"] ?? channel["path"]) is not YamlScalar path) return;
        if (path.Text.StartsWith("/home/", StringComparison.Ordinal)) libvirt.Report(Errors.VmValidation, $"a channel's path is \"{path.Text}\"", "Use {{.VmStateDir}} instead of a home folder.", path.Position);
        else if (!path.Text.StartsWith('/') && !path.Text.StartsWith("{{.VmStateDir}}", StringComparison.Ordinal)) libvirt.Report(Errors.VmValidation, $"a channel's path is \"{path.Text}\"", "Give an absolute path, or one that begins with {{.VmStateDir}}.", path.Position);
    }

    private static void CheckListen(YamlBinder libvirt, YamlMapping graphics)
    {
        IEnumerable<YamlNode> all = graphics["listen"] switch { null => [], YamlSequence list => list.Items, var one => [one] };
        foreach (var listen in all)
        {
            switch (listen)
            {
                case YamlScalar { IsNull: false }:
                    continue;
                case YamlMapping map:
                    CheckListenMap(libvirt, map);
                    continue;
                default:
                    libvirt.Report(Errors.YamlType, $"\"listen\" of graphics holds {listen.Description}", "Write an address, or a mapping with type, address, socket or network.", listen.Position);
                    continue;
            }
        }
    }

    private static void CheckListenMap(YamlBinder libvirt, YamlMapping map)
    {
        var listen = new YamlBinder(map, libvirt.What + ".devices.graphics.listen", libvirt.Problems);
        var type = VmReader.Choice(listen, "type", ["address", "socket", "network"], null);
        listen.Accept("address", "socket", "network");
        if (type is null && !listen.Has("type") && !listen.Has("address") && !listen.Has("network"))
        {
            listen.Report(Errors.VmValidation, "nothing tells what it listens on", "Add type: address, socket or network; or give address or network.", map.Position);
        }

        listen.RejectUnknown(Errors.CfgUnknownKey);
    }

    private static void CheckHostDevice(YamlBinder libvirt, YamlMapping device)
    {
        if (device["type"] is YamlScalar { Text: not "pci" }) return;
        var address = PciAddress(device);
        foreach (var part in PciParts)
        {
            if (address?[part] is YamlScalar value && Hex().IsMatch(value.Text)) continue;
            var found = address?[part];
            libvirt.Report(
                Errors.VmValidation,
                found is null ? $"\"{part}\" of a PCI host device is missing" : $"\"{part}\" of a PCI host device is {found.Description}",
                "Give its address in hex: source: {domain: \"0x0000\", bus: \"0x01\", slot: \"0x00\", function: \"0x0\"}.",
                (found ?? device).Position);
        }
    }

    private static void CheckFileSystem(YamlBinder libvirt, YamlMapping folder)
    {
        if (folder["source"] is YamlScalar source && !source.Text.StartsWith('/') && !source.Text.StartsWith('~'))
        {
            libvirt.Report(Errors.VmValidation, $"the source of a shared folder is \"{source.Text}\"", "Give an absolute path.", source.Position);
        }

        if (folder["driver"] is YamlScalar { Text: "9p" or "path" }) return;
        if (folder["accessmode"] is YamlScalar { Text: not "passthrough" } mode)
        {
            libvirt.Report(Errors.VmValidation, $"virtiofs does not know the access mode {mode.Text}", "Use accessmode: passthrough, or driver: 9p.", mode.Position);
        }
    }

    private static IEnumerable<YamlMapping> Items(YamlMapping devices, string key) =>
        devices[key] switch { YamlSequence list => list.Items.OfType<YamlMapping>(), YamlMapping one => [one], _ => [] };

    [GeneratedRegex("^0x[0-9a-fA-F]{1,4}\\z")]
    private static partial Regex Hex();
}
