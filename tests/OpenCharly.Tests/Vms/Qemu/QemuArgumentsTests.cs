using OpenCharly.Model;
using OpenCharly.Vms.Qemu;

namespace OpenCharly.Tests.Vms.Qemu;

public sealed class QemuArgumentsTests
{
    private static readonly QemuMachine Plain = new()
    {
        Id = "charly-web",
        Architecture = "x86_64",
        Type = "q35",
        Cpus = 2,
        MemoryMb = 1024,
        Disks = [new QemuDisk("/p/disk.qcow2", "qcow2")],
        Seed = "/p/seed.iso",
        Network = new QemuNetwork("virtio-net-pci", "52:54:00:aa:bb:cc", [new PortForward("127.0.0.1", 2222, 22, "tcp")]),
        OemStrings = ["io.systemd.credential.binary:tmpfiles.extra=QUJD"],
        QmpSocket = "/s/qmp.sock",
        MonitorSocket = "/s/monitor.sock",
        ConsoleSocket = "/s/console.sock",
        ConsoleLog = "/s/console.log",
        PidFile = "/s/qemu.pid",
    };

    [Fact]
    public void A_machine_that_wakes_maps_its_memory_and_is_the_same_one_otherwise()
    {
        var plain = QemuArguments.Build(Plain, AcceleratorKind.Tcg);
        Assert.Same(plain, QemuArguments.WithMemory(plain, Plain, null));
        var mapped = QemuArguments.WithMemory(plain, Plain, "/s/a,b/memory.ram").ToList();
        Assert.Equal("q35,memory-backend=pc.ram", mapped[mapped.IndexOf("-machine") + 1]);
        var at = mapped.IndexOf("-object");
        Assert.Equal(["1024M", "-object", "memory-backend-file,id=pc.ram,size=1024M,mem-path=/s/a,,b/memory.ram,share=off"], mapped.Skip(at - 1).Take(3));
        Assert.Equal(plain, [.. mapped.Take(at).Concat(mapped.Skip(at + 2)).Select(a => a == "q35,memory-backend=pc.ram" ? "q35" : a)]);
    }

    [Fact]
    public void A_machine_with_a_balloon_would_give_pages_back_to_a_file_that_is_not_its_own()
    {
        Assert.Equal(OperatingSystem.IsLinux(), MemoryImage.Fits(Plain));
        Assert.False(MemoryImage.Fits(Plain with { Balloon = true }));
        Assert.False(MemoryImage.Fits(Plain with { Architecture = "aarch64" }));
    }

    [Fact]
    public void A_plain_machine_without_acceleration() => Assert.Equal(
        """
        -name guest=charly-web
        -machine q35
        -accel tcg,thread=multi,tb-size=256
        -cpu qemu64
        -nodefaults
        -smp 2
        -m 1024M
        -drive file=/p/disk.qcow2,format=qcow2,if=none,id=drive0,discard=unmap
        -device virtio-blk-pci,drive=drive0
        -drive file=/p/seed.iso,format=raw,if=ide,media=cdrom,readonly=on
        -netdev user,id=net0,hostfwd=tcp:127.0.0.1:2222-:22
        -device virtio-net-pci,netdev=net0,mac=52:54:00:aa:bb:cc
        -object rng-random,id=rng0,filename=/dev/urandom
        -device virtio-rng-pci,rng=rng0
        -smbios type=11,value=io.systemd.credential.binary:tmpfiles.extra=QUJD
        -qmp unix:/s/qmp.sock,server=on,wait=off
        -monitor unix:/s/monitor.sock,server=on,wait=off
        -chardev socket,id=serial0,path=/s/console.sock,server=on,wait=off,logfile=/s/console.log
        -serial chardev:serial0
        -display none
        -daemonize
        -pidfile /s/qemu.pid
        """,
        Lines(Plain, AcceleratorKind.Tcg));

    [Fact]
    public void A_machine_with_everything_on_the_hardware() => Assert.Equal(
        """
        -name guest=charly-web
        -machine q35,smm=on,accel=kvm
        -enable-kvm
        -cpu host,+pdpe1gb,-hle,+vmx
        -nodefaults
        -smp 2
        -m 1024M
        -drive if=pflash,format=raw,readonly=on,file=/f/CODE.fd
        -drive if=pflash,format=raw,file=/s/nvram.fd
        -global driver=cfi.pflash01,property=secure,value=on
        -drive file=/p/disk.qcow2,format=qcow2,if=none,id=drive0,discard=unmap
        -device virtio-blk-pci,drive=drive0
        -drive file=/p/data.raw,format=raw,if=virtio
        -drive file=/p/tools.iso,format=raw,if=ide,media=cdrom,readonly=on
        -drive file=/p/seed.iso,format=raw,if=ide,media=cdrom,readonly=on
        -netdev user,id=net0,hostfwd=tcp:127.0.0.1:2222-:22,hostfwd=tcp:0.0.0.0:8080-:80,hostfwd=udp:[::1]:53-:53
        -device virtio-net-pci,netdev=net0,mac=52:54:00:aa:bb:cc
        -object rng-random,id=rng0,filename=/dev/urandom
        -device virtio-rng-pci,rng=rng0
        -smbios type=11,value=io.systemd.credential.binary:tmpfiles.extra=QUJD
        -device virtio-balloon-pci
        -chardev socket,path=/s/qga.sock,server=on,wait=off,id=qga0
        -device virtio-serial
        -device virtserialport,chardev=qga0,name=org.qemu.guest_agent.0
        -qmp unix:/s/qmp.sock,server=on,wait=off
        -monitor none
        -chardev socket,id=serial0,path=/s/console.sock,server=on,wait=off,logfile=/s/console.log
        -serial chardev:serial0
        -vnc 127.0.0.1:0,to=99
        -vga std
        -daemonize
        -pidfile /s/qemu.pid
        """,
        Lines(
            Plain with
            {
                Cpu = new QemuCpu("host-passthrough", null, new QemuCpuFeature("require", "pdpe1gb"), new QemuCpuFeature("disable", "hle")),
                Firmware = new QemuFirmware("/f/CODE.fd", "/s/nvram.fd", true),
                Disks = [.. Plain.Disks, new QemuDisk("/p/data.raw", "raw"), new QemuDisk("/p/tools.iso", "raw", "ide", IsCdrom: true)],
                Network = Plain.Network! with
                {
                    Forwards = [.. Plain.Network!.Forwards, new PortForward("0.0.0.0", 8080, 80, "tcp"), new PortForward("::1", 53, 53, "udp")],
                },
                Balloon = true,
                AgentSocket = "/s/qga.sock",
                MonitorSocket = null,
                Vnc = true,
            },
            AcceleratorKind.Kvm,
            "vmx"));

    [Fact]
    public void A_kernel_takes_the_firmware_s_place()
    {
        var lines = Lines(Plain with { Kernel = new QemuKernel("/k", "/i", "console=ttyS0 quiet"), Firmware = new QemuFirmware("/c", "/v", false) }, AcceleratorKind.Tcg);
        Assert.Contains("-kernel /k\n-initrd /i\n-append console=ttyS0 quiet\n", lines, StringComparison.Ordinal);
        Assert.DoesNotContain("pflash", lines, StringComparison.Ordinal);
    }

    [Fact]
    public void The_virt_machine_has_its_seed_on_scsi_and_its_screen_on_virtio()
    {
        var lines = Lines(Plain with { Type = "virt", Architecture = "aarch64", Vnc = true }, AcceleratorKind.Tcg);
        Assert.Contains("-cpu max\n", lines, StringComparison.Ordinal);
        Assert.Contains("if=none,id=seed0,media=cdrom,readonly=on\n-device virtio-scsi-pci\n-device scsi-cd,drive=seed0\n", lines, StringComparison.Ordinal);
        Assert.Contains("-device virtio-gpu-pci\n", lines, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, null, AcceleratorKind.Tcg, "qemu64")]
    [InlineData("host-passthrough", null, AcceleratorKind.Tcg, "qemu64")]
    [InlineData(null, "Haswell", AcceleratorKind.Tcg, "Haswell")]
    [InlineData(null, null, AcceleratorKind.Kvm, "host,+svm")]
    [InlineData("host-model", null, AcceleratorKind.Kvm, "max")]
    [InlineData("custom", "EPYC", AcceleratorKind.Kvm, "EPYC")]
    [InlineData(null, null, AcceleratorKind.Hvf, "host,+svm")]
    public void The_processor_follows_mode_model_and_accelerator(string? mode, string? model, AcceleratorKind kind, string expected) =>
        Assert.Contains($"-cpu {expected}\n", Lines(Plain with { Cpu = new QemuCpu(mode, model) }, kind, "svm"), StringComparison.Ordinal);

    [Fact]
    public void Commas_in_paths_and_strings_are_doubled()
    {
        var lines = Lines(
            Plain with
            {
                Disks = [new QemuDisk("/a,b/disk.qcow2", "qcow2")], Seed = "/a,b/seed.iso", OemStrings = ["x,y"], QmpSocket = "/a,b/q", MonitorSocket = "/a,b/m",
                ConsoleSocket = "/a,b/c", ConsoleLog = "/a,b/l",
            },
            AcceleratorKind.Tcg);
        foreach (var value in (string[])["file=/a,,b/disk.qcow2,", "file=/a,,b/seed.iso,", "value=x,,y\n", "unix:/a,,b/q,", "unix:/a,,b/m,", "path=/a,,b/c,", "logfile=/a,,b/l\n"])
        {
            Assert.Contains(value, lines, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void No_network_is_no_device() => Assert.DoesNotContain("net0", Lines(Plain with { Network = null }, AcceleratorKind.Tcg), StringComparison.Ordinal);

    [Fact]
    public void A_bridge_is_joined_by_the_helper_or_by_a_device_of_ours()
    {
        var network = Plain.Network! with { Forwards = [] };
        Assert.Contains(
            "-netdev tap,id=net0,br=br0,helper=/h\n", Lines(Plain with { Network = network with { Tap = new QemuTap("br0", "/h", null) } }, AcceleratorKind.Tcg), StringComparison.Ordinal);
        Assert.Contains(
            "-netdev tap,id=net0,ifname=ch0123456789,script=no,downscript=no\n",
            Lines(Plain with { Network = network with { Tap = new QemuTap("br0", null, "ch0123456789") } }, AcceleratorKind.Tcg),
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_machine_survives_its_file()
    {
        var path = Path.Combine(Path.GetTempPath(), $"charly-command-{Guid.NewGuid():N}.json");
        try
        {
            var machine = Plain with { Cpu = new QemuCpu("custom", "EPYC", new QemuCpuFeature("forbid", "x")), Firmware = new QemuFirmware("/c", "/v", true) };
            new QemuMachineFile(["qemu", "-name", "a b"], machine, SshPortIsFree: true).Write(path);
            var back = QemuMachineFile.Read(path)!;
            Assert.Equal(["qemu", "-name", "a b"], back.Argv);
            Assert.True(back.SshPortIsFree);
            Assert.Equal(Lines(machine, AcceleratorKind.Kvm), Lines(back.Machine, AcceleratorKind.Kvm));
        }
        finally
        {
            File.Delete(path);
        }
    }

    // One option a line, its value behind it, as in a shell script.
    private static string Lines(QemuMachine machine, AcceleratorKind accelerator, string? extension = null) =>
        string.Join(' ', QemuArguments.Build(machine, accelerator, extension).Select((a, i) => a.StartsWith('-') && i > 0 ? "\n" + a : a)).Replace(" \n", "\n", StringComparison.Ordinal);
}
