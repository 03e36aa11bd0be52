using OpenCharly.Foundation;
using OpenCharly.Model.Schemas;
using OpenCharly.Yaml;

namespace OpenCharly.Model;

/// <summary>
/// Every key that a vm entity's <c>libvirt:</c> part may have (vm.md §3.3), and what may stand there. A wrong key would
/// otherwise be a device that is silently missing.
/// </summary>
internal static class VmLibvirtKeys
{
    internal const string Grammar = """
        cpu{mode(host-passthrough|host-model|custom|maximum) check(none|partial|full) migratable:bool model
          topology{sockets:int dies:int cores:int threads:int}
          features[]{policy(force|require|optional|disable|forbid) name!}
          cache{mode!(emulate|passthrough|disable) level:int}
          numa[]{id:int cpus memory! unit memaccess(shared|private)}}
        clock{offset(utc|localtime|timezone|variable|absolute) timezone adjustment basis(utc|localtime)
          timers[]{name! present:bool track tickpolicy frequency:int mode}}
        features{acpi:bool apic:bool pae:bool smm:bool hap:bool vmport:bool pmu:bool ibs(broken|workaround|fixed-ibs|fixed-ccd|fixed-na)
          kvm{hidden:bool hint_dedicated:bool poll_control:bool pv_ipi:bool dirty_ring_size:int}
          hyperv{relaxed:bool vapic:bool spinlocks* vpindex:bool runtime:bool synic:bool stimer:bool reset:bool vendor_id*
            frequencies:bool reenlightenment:bool tlbflush:bool ipi:bool evmcs:bool}}
        memory_backing{hugepages* nosharepages:bool locked:bool source(file|anonymous|memfd) access(shared|private)
          allocation(immediate|ondemand) discard:bool}
        memtune{hard_limit:int soft_limit:int swap_hard_limit:int min_guarantee:int}
        numatune{memory{mode(strict|preferred|interleave|restrictive) nodeset placement(auto|static)} memnodes[]{cellid!:int mode!(strict|preferred|interleave|restrictive) nodeset!}}
        cputune{shares:int period:int quota:int global_period:int global_quota:int emulator_period:int emulator_quota:int
          iothread_period:int iothread_quota:int vcpupin[]{vcpu!:int cpuset!} emulatorpin{cpuset!} iothreadpin[]{iothread!:int cpuset!}}
        iothreads:int
        seclabel{type(dynamic|static|none) model relabel:bool label baselabel imagelabel}
        launch_security{type!(sev|sev-es|sev-snp|tdx) policy cbitpos:int reduced_phys_bits:int dh_cert session kernel_hashes:bool}
        resource{partition fibrechannel{appid!}}
        sysinfo{bios* system* baseboard* chassis* processor* oem_strings[]}
        snippets*
        xml_passthrough*
        devices{
          emulator
          disks[]{type(file|block|network|volume) device(disk|cdrom|floppy|lun) source* target* driver* readonly:bool serial wwn boot:int}
          interfaces[]{type(user|bridge|network|direct) source* model mac mtu:int boot:int port_forwards[]{proto(tcp|udp) start!:int to:int}}
          channels[]{type(spicevmc|unix) path source* target* name}
          serial[]{type(pty|tcp|file|unix|dev) source* target*} console[]{type(pty|tcp|file|unix|dev) source* target*}
          parallel[]{type(pty|tcp|file|unix|dev) source* target*}
          graphics[]{type!(vnc|spice|rdp|sdl|egl-headless) listen* port:int autoport:bool websocket:int keymap display}
          video[]{model!(vga|cirrus|vmvga|xen|vbox|qxl|virtio|gop|bochs|ramfb|none) vram:int heads:int accel3d:bool primary:bool}
          audio[]{type!(none|alsa|coreaudio|dbus|jack|oss|pulseaudio|sdl|spice|file) id:int} sound[]{model!}
          inputs[]{type!(tablet|mouse|keyboard|passthrough|evdev) bus(xen|ps2|usb|virtio)} usb[]{model!} redirdev[]{bus(usb) type}
          hostdevs[]{type(pci|usb|scsi|mdev) managed(yes|no) source* address* model rom{bar(on|off) file enabled:bool} driver{name model iommufd:bool}}
          filesystems[]{source! target! driver(virtiofs|9p|path) accessmode(passthrough|mapped|squash) readonly:bool
            binary{path xattr:bool cache(none|always) sandbox(namespace|chroot) thread_pool:int}
            idmap{uid[]{start!:int target!:int count!:int} gid[]{start!:int target!:int count!:int}}}
          rng[]{model backend* rate{period:int bytes!:int}}
          tpm[]{model backend*}
          watchdog[]{model!(i6300esb|ib700|diag288|itco) action(reset|shutdown|poweroff|pause|none|dump|inject-nmi)}
          memballoon[]{model(virtio|virtio-transitional|virtio-non-transitional|xen|none) autodeflate:bool stats{period!:int}}
          shmem[]{name! role(master|peer) model{type!(ivshmem|ivshmem-plain|ivshmem-doorbell)} size}
          iommu[]{model!(intel|smmuv3|virtio|amd)}
          vsock[]{model cid{auto:bool address:int}}
          panic[]{model} smartcard[]{mode!(host|passthrough)} hub[]{type(usb)}}
        """;

    private static readonly KeyShape Root = KeyGrammar.Parse(Grammar);

    /// <summary>Reports every key that is not known and every value of the wrong kind.</summary>
    public static void Check(YamlBinder libvirt) => Check(libvirt.Mapping, Root, libvirt.What, libvirt.Problems);

    private static void Check(YamlMapping map, KeyShape shape, string what, ICollection<Problem> problems)
    {
        var binder = new YamlBinder(map, what, problems);
        foreach (var key in shape.Keys)
        {
            binder.Accept(key.Name);
            var node = binder.Node(key.Name);
            if (node is null)
            {
                if (key.IsRequired) binder.Report(Errors.VmValidation, $"\"{key.Name}\" is missing", "Add it.", map.Position);
                continue;
            }

            foreach (var item in key.IsList && node is YamlSequence list ? list.Items : [node]) CheckValue(binder, key, item);
        }

        binder.RejectUnknown(Errors.CfgUnknownKey);
    }

    private static void CheckValue(YamlBinder binder, SchemaKey key, YamlNode node)
    {
        if (key.IsAnything) return;
        if (key.Inner is { } inner)
        {
            if (node is YamlMapping map) Check(map, inner, $"{binder.What}.{key.Name}", binder.Problems);
            else binder.Report(Errors.YamlType, $"\"{key.Name}\" must be {(key.IsList ? "a list of mappings" : "a mapping")}, not {node.Description}", "Write its fields as key: value.", node.Position);
            return;
        }

        if (node is not YamlScalar scalar || scalar.IsNull)
        {
            binder.Report(Errors.YamlType, $"\"{key.Name}\" must be {key.Words}, not {node.Description}", $"Write {key.Words} here.", node.Position);
        }
        else if (key.Choices.Count > 0 && !key.Choices.Contains(scalar.Text, StringComparer.Ordinal))
        {
            binder.Report(Errors.VmValidation, $"\"{key.Name}\" is \"{scalar.Text}\"", Nearest.Suggest(scalar.Text, key.Choices, $"Use one of {string.Join(", ", key.Choices)}."), node.Position);
        }
        else if ((key.Kind == "bool" && YamlBinder.ParseBoolean(scalar.Text) is null)
            || (key.Kind == "int" && !long.TryParse(scalar.Text, System.Globalization.NumberStyles.AllowLeadingSign, System.Globalization.CultureInfo.InvariantCulture, out _)))
        {
            binder.Report(Errors.YamlType, $"\"{key.Name}\" must be {key.Words}, not {node.Description}", $"Write {key.Words} here.", node.Position);
        }
    }
}
