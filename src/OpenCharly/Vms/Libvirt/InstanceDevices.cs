using OpenCharly.Foundation;
using OpenCharly.Model;
using OpenCharly.Yaml;

namespace OpenCharly.Vms.Libvirt;

/// <summary>The devices that one machine has beside its entity's: <c>libvirt.devices</c> of its <c>instance.yml</c> (vm.md §2.4).</summary>
/// <param name="HostDevices">Host devices.</param>
/// <param name="FileSystems">Shared folders.</param>
internal sealed record InstanceDevices(IReadOnlyList<YamlMapping> HostDevices, IReadOnlyList<YamlMapping> FileSystems)
{
    /// <summary>Reads the file; what is in it beside the two lists is nobody's.</summary>
    /// <exception cref="CharlyValidationException">A device is not as it has to be.</exception>
    /// <exception cref="CharlyException">The file is no YAML.</exception>
    public static InstanceDevices Read(string path)
    {
        if (!File.Exists(path) || YamlReader.ReadFile(path) is not [YamlMapping root, ..]) return new InstanceDevices([], []);
        if (DomainYaml.Map(DomainYaml.Map(root, "libvirt"), "devices") is not { } devices) return new InstanceDevices([], []);

        // Only these two count; they are checked as in an entity.
        var lists = devices with { Entries = [.. devices.Entries.Where(e => e.Key.Text is "hostdevs" or "filesystems")] };
        var key = new YamlScalar("devices", IsQuoted: false, devices.Position);
        var problems = new List<Problem>();
        VmLibvirtForm.Check(new YamlBinder(new YamlMapping([new YamlEntry(key, lists)], devices.Position), "libvirt", problems), isSecureBoot: false);
        if (problems.Count > 0) throw new CharlyValidationException(problems);
        return new InstanceDevices([.. DomainYaml.Items(lists, "hostdevs")], [.. DomainYaml.Items(lists, "filesystems")]);
    }
}
