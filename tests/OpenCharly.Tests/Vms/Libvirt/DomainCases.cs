using System.Runtime.CompilerServices;
using OpenCharly.Foundation;
using OpenCharly.Model;
using OpenCharly.Vms;
using OpenCharly.Vms.Definitions;
using OpenCharly.Vms.Libvirt;
using OpenCharly.Yaml;

namespace OpenCharly.Tests.Vms.Libvirt;

/// <summary>Machines whose domain stands in a golden file; the live tests have libvirt's own validator read the same files.</summary>
internal static class DomainCases
{
    public static string Folder([CallerFilePath] string here = "") => Path.Combine(Path.GetDirectoryName(here)!, "Golden");

    public static IReadOnlyDictionary<string, Func<DomainInput>> All { get; } = new Dictionary<string, Func<DomainInput>>
    {
        ["user"] = () => Input("", network: new VmNetwork
        {
            PortForwards = [new PortForward("127.0.0.1", 8080, 80, "tcp"), new PortForward("127.0.0.1", 5353, 53, "udp"), new PortForward("0.0.0.0", 8443, 443, "tcp")],
        }),
        ["tcg"] = () => Input("", isKvm: false),
        ["slirp"] = () => Input("", isKvm: false) with { UserNetwork = UserNetwork.Slirp },
        ["bridge"] = () => Input("", network: new VmNetwork { Mode = "bridge", Bridge = "br7" }),
        ["nat"] = () => Input("", network: new VmNetwork { Mode = "nat", Bridge = "default" }),
        ["none"] = () => Input("", network: new VmNetwork { Mode = "none" }, seed: null),
        ["direct-boot"] = () => Direct(Input("")),
        ["uefi-secure"] = () => Input("") with { Firmware = new DomainFirmware("/usr/share/OVMF/OVMF_CODE_4M.ms.fd", "/usr/share/OVMF/OVMF_VARS_4M.ms.fd", "/state/charly-web/nvram.fd", true) },
        ["uefi-insecure"] = () => Input("features: {acpi: true, apic: false, pae: true}") with { Firmware = new DomainFirmware("/usr/share/OVMF/OVMF_CODE_4M.fd", "/usr/share/OVMF/OVMF_VARS_4M.fd", "/state/charly-web/nvram.fd", false) },
        ["credentials"] = () => Credentials(Input("sysinfo: {oem_strings: [hello], bios: {vendor: Example}, system: {product: Box}, baseboard: [{serial: b1}], chassis: {asset: c1}}")),
        ["processor"] = () => Input(Processor),
        ["tuning"] = () => Input(Tuning),
        ["devices"] = () => Input(Devices),
        ["screens"] = () => Input(Screens),
        ["host-devices"] = () => WithHostDevices(Input(HostDevices)),
        ["shared-folders"] = () => WithFileSystems(Input(FileSystems)) with { SubordinateIds = null },
        ["shared-folders-idmap"] = () => WithFileSystems(Input("devices: {filesystems: [{source: /srv/data, target: data}]}")) with { SubordinateIds = new SubordinateIds(1001, 100, new IdRange(165536, 65536), new IdRange(165536, 65536)) },
        ["raw"] = () => Input(Raw),
        ["sev"] = () => Input("launch_security: {type: sev-es, cbitpos: 47, reduced_phys_bits: 1, kernel_hashes: true}"),
    };

    /// <summary>What every golden file was made with: paths that no test machine has.</summary>
    public static DomainInput Input(string libvirt, VmNetwork? network = null, bool isKvm = true, string? seed = "/srv/project/output/qcow2/web/seed.iso", string name = "web")
    {
        var paths = new HostPaths(new CharlyEnvironment { Home = "/home/ada", WorkingDirectory = "/", Variables = new Dictionary<string, string> { ["XDG_DATA_HOME"] = "/state" } });
        var part = libvirt.Length == 0 ? null : Read(libvirt);
        var spec = Host.Spec(name) with { Network = network ?? new VmNetwork(), Libvirt = part };
        return new DomainInput
        {
            Preparation = new VmPreparation
            {
                Name = new VmName(name),
                Spec = spec,
                Disk = "/srv/project/output/qcow2/web/disk.qcow2",
                Seed = seed,
                Cpus = 2,
                MemoryMb = 2048,
                Mac = "52:54:00:12:34:56",
                SshPort = spec.Network.Mode == "user" ? 2222 : null,
            },
            Files = new VmFiles(paths, "charly-" + name),
            Architecture = "x86_64",
            IsKvm = isKvm,
            ProcessorExtension = "vmx",
        };
    }

    /// <summary>A <c>libvirt:</c> part, checked as in an entity.</summary>
    public static YamlMapping Read(string text)
    {
        var part = (YamlMapping)YamlReader.Read(text, "charly.yml")[0];
        var problems = new List<Problem>();
        VmLibvirtForm.Check(new YamlBinder(part, "vm \"web\": libvirt", problems), isSecureBoot: false);
        Assert.Empty(problems.Select(p => p.Message));
        return part;
    }

    private static DomainInput Direct(DomainInput input) => input with
    {
        Preparation = input.Preparation with { DirectBoot = new VmDirectBoot("/boot/vmlinuz", "/boot/initrd.img", "root=/dev/vda rw") },
    };

    private static DomainInput Credentials(DomainInput input) => input with { Preparation = input.Preparation with { Credentials = ["io.systemd.credential:a=b", "io.systemd.credential.binary:c=ZA=="] } };

    private static DomainInput WithHostDevices(DomainInput input) => input with { HostDevices = [.. DomainYaml.Items(input.Devices, "hostdevs")] };

    private static DomainInput WithFileSystems(DomainInput input) => input with { FileSystems = [.. DomainYaml.Items(input.Devices, "filesystems")] };

    private const string Processor = """
        cpu:
          mode: host-passthrough
          migratable: false
          topology: {sockets: 1, dies: 1, cores: 2, threads: 1}
          cache: {mode: passthrough}
          features: [{policy: disable, name: hle}, {name: pdpe1gb}]
          numa: [{id: 0, cpus: 0-1, memory: 2G, memaccess: shared}]
        features:
          pae: true
          hap: true
          vmport: false
          pmu: true
          smm: true
          kvm: {hidden: true, hint_dedicated: true, poll_control: true, pv_ipi: false, dirty_ring_size: 4096}
          hyperv:
            relaxed: true
            vapic: true
            spinlocks: {state: true, retries: 8191}
            vpindex: true
            runtime: true
            synic: true
            stimer: true
            reset: true
            vendor_id: {state: true, value: example}
            frequencies: true
            reenlightenment: true
            tlbflush: true
            ipi: true
            evmcs: false
        clock:
          offset: timezone
          timezone: Europe/Vienna
          timers:
            - {name: rtc, tickpolicy: catchup, track: guest}
            - {name: pit, tickpolicy: delay}
            - {name: hpet, present: false}
        """;

    private const string Tuning = """
        memory_backing:
          hugepages: {size: 2M, nodeset: "0"}
          nosharepages: true
          locked: true
          source: memfd
          access: shared
          allocation: immediate
          discard: true
        memtune: {hard_limit: 4194304, soft_limit: 3145728, swap_hard_limit: 5242880, min_guarantee: 1048576}
        numatune:
          memory: {mode: strict, nodeset: "0"}
          memnodes: [{cellid: 0, mode: preferred, nodeset: "0"}]
        cputune:
          shares: 2048
          period: 100000
          quota: 50000
          global_period: 100000
          global_quota: -1
          emulator_period: 100000
          emulator_quota: -1
          iothread_period: 100000
          iothread_quota: -1
          vcpupin: [{vcpu: 0, cpuset: "0"}, {vcpu: 1, cpuset: "1-3,^2"}]
          emulatorpin: {cpuset: "0"}
          iothreadpin: [{iothread: 1, cpuset: "0"}]
        iothreads: 1
        seclabel: {type: dynamic, model: selinux, relabel: true}
        resource: {partition: /machine/example, fibrechannel: {appid: app1}}
        """;

    private const string Devices = """
        devices:
          emulator: /usr/bin/qemu-system-x86_64
          disks:
            - {source: extra.raw, driver: {type: raw, cache: none, io: native, discard: unmap, error_policy: stop, iothread: 1}, serial: s1, boot: 2}
            - {type: block, source: /dev/vg/lv, target: {dev: vdd, bus: virtio}, readonly: true}
            - {type: volume, source: {pool: p, volume: v}, target: {bus: scsi}, wwn: "5000c50015ea71aa"}
            - {type: network, source: {protocol: nbd, name: export, host: disks.example.org, port: 10809}}
            - {device: cdrom, source: /isos/tools.iso}
          interfaces:
            - {type: user, mac: "52:54:00:aa:bb:cc", port_forwards: [{start: 9000, to: 90}, {proto: udp, start: 9001}]}
            - {type: bridge, source: br0, model: virtio-net-pci, mtu: 9000}
            - {type: network, source: default, model: e1000e, boot: 1}
            - {type: direct, source: {dev: eth0, mode: bridge}}
          serial: [{type: file, source: {path: "{{.VmStateDir}}/second.log"}}]
          console: [{type: pty, target: {type: virtio}}]
          parallel: [{type: unix, source: {path: "{{.VmStateDir}}/par.sock"}}]
          channels:
            - {type: unix, target: {type: virtio, name: org.qemu.guest_agent.0}}
            - {type: unix, source: {path: "{{.VmStateDir}}/{{.VmName}}.sock"}, target: {name: org.example.0}}
            - {type: spicevmc}
          inputs: [{type: tablet, bus: usb}, {type: keyboard, bus: virtio}]
          usb: [{model: qemu-xhci}]
          redirdev: [{}]
          rng: [{backend: /dev/urandom, rate: {period: 1000, bytes: 1024}}]
          tpm: [{}]
          watchdog: [{model: i6300esb, action: reset}]
          memballoon: [{model: virtio, autodeflate: true, stats: {period: 10}}]
          shmem: [{name: shm0, role: peer, model: {type: ivshmem-plain}, size: 4M}]
          iommu: [{model: intel}]
          vsock: [{cid: {address: 42}}]
          panic: [{model: isa}]
          smartcard: [{mode: host}]
          hub: [{type: usb}]
        """;

    private const string Screens = """
        devices:
          graphics:
            - {type: vnc, listen: 0.0.0.0, port: 5901, autoport: false}
            - {type: spice, listen: [{address: 127.0.0.1}, {type: socket, socket: /state/charly-web/spice.sock}]}
            - {type: vnc, listen: {network: default}}
            - {type: egl-headless}
            - {type: sdl}
          video: [{model: virtio, heads: 1, accel3d: true, primary: true}, {model: vga, vram: 16384}]
          audio: [{type: none}, {type: spice, id: 7}]
          sound: [{model: ich9}]
        """;

    private const string HostDevices = """
        devices:
          hostdevs:
            - {type: pci, managed: "yes", source: {domain: "0x0000", bus: "0x01", slot: "0x00", function: "0x0"}, rom: {bar: "on", file: /roms/vga.rom}, driver: {name: vfio}}
            - {type: pci, managed: "no", source: {address: {domain: "0x0000", bus: "0x01", slot: "0x00", function: "0x1"}}}
            - {type: usb, source: {vendor: "0x046d", product: "0xc52b"}}
            - {type: scsi, source: {adapter: scsi_host2, bus: 0, target: 0, unit: 0}}
            - {type: mdev, source: {uuid: c2177883-f1bb-47f0-914d-32a22e3a8804}}
        """;

    private const string FileSystems = """
        memory_backing: {access: shared}
        devices:
          filesystems:
            - {source: /srv/data, target: data, binary: {path: /usr/libexec/virtiofsd, xattr: true, cache: always, sandbox: namespace, thread_pool: 16}}
            - {source: /srv/old, target: old, driver: 9p, accessmode: squash, readonly: true}
        """;

    private const string Raw = """
        snippets:
          - "<rng model='virtio'><backend model='random'>/dev/random</backend></rng>"
          - "<rng model='virtio'><backend model='random'>/dev/random</backend></rng>"
          - "<qemu:commandline><qemu:arg value='-global'/><qemu:arg value='ICH9-LPC.disable_s3=1'/></qemu:commandline>"
          - "<memory model='virtio-mem'><target><size unit='MiB'>256</size><node>0</node><block unit='MiB'>2</block><requested unit='MiB'>128</requested></target></memory>"
          - "<title>From a snippet</title>"
        xml_passthrough: |
          <title>Never seen: a title is there</title>
          <description>From the passthrough</description>
          <vcpu placement='auto' current='1'>16</vcpu>
          <features><vmcoreinfo state='on'/></features>
          <devices><memballoon model='none'/></devices>
          <watchdog model='i6300esb'/>
        """;
}
