using System.Globalization;

namespace OpenCharly.Vms.Qemu;

/// <summary>QEMU's arguments, in the order of vm.md §3.1: a pure function of the machine and the accelerator.</summary>
public static class QemuArguments
{
    /// <summary>What QEMU calls the host's end of the agent's channel.</summary>
    internal const string AgentChannel = "qga0";

    /// <summary>All arguments, the program itself left out.</summary>
    /// <param name="machine">The machine.</param>
    /// <param name="accelerator">What runs it.</param>
    /// <param name="processorExtension">The host's own extension, <c>vmx</c> or <c>svm</c>, passed on to KVM guests; null if unknown.</param>
    /// <param name="isForeground">Whether QEMU keeps the terminal, with its monitor on it.</param>
    public static IReadOnlyList<string> Build(QemuMachine machine, AcceleratorKind accelerator, string? processorExtension = null, bool isForeground = false)
    {
        List<string> arguments = ["-name", $"guest={Escape(machine.Id)}"];
        AddMachine(arguments, machine, accelerator);
        arguments.AddRange(["-cpu", Cpu(machine, accelerator, processorExtension)]);
        arguments.AddRange(["-nodefaults", "-smp", Number(machine.Cpus), "-m", $"{Number(machine.MemoryMb)}M"]);
        AddBoot(arguments, machine);
        AddDisks(arguments, machine);
        if (machine.Network is { } network) arguments.AddRange(Network(network, "net0"));
        arguments.AddRange(["-object", "rng-random,id=rng0,filename=/dev/urandom", "-device", "virtio-rng-pci,rng=rng0"]);
        foreach (var text in machine.OemStrings) arguments.AddRange(["-smbios", $"type=11,value={Escape(text)}"]);
        if (machine.Balloon) arguments.AddRange(["-device", "virtio-balloon-pci"]);
        AddSockets(arguments, machine, isForeground);
        if (machine.Vnc) arguments.AddRange(["-vnc", "127.0.0.1:0,to=99", .. machine.Type == "virt" ? Screen("-device", "virtio-gpu-pci") : Screen("-vga", "std")]);
        else arguments.AddRange(["-display", "none"]);
        arguments.AddRange(isForeground ? ["-pidfile", machine.PidFile] : ["-daemonize", "-pidfile", machine.PidFile]);
        return arguments;
    }

    /// <summary>The same machine with its memory mapped from a file, of which it keeps only its own changes; as it is without a file.</summary>
    /// <param name="arguments">What <see cref="Build"/> gave.</param>
    /// <param name="machine">The machine.</param>
    /// <param name="image">The file, as large as the memory; null for none.</param>
    internal static IReadOnlyList<string> WithMemory(IReadOnlyList<string> arguments, QemuMachine machine, string? image)
    {
        if (image is null) return arguments;
        List<string> all = [.. arguments];
        all[all.IndexOf("-machine") + 1] += $",memory-backend={MemoryImage.Block}";
        all.InsertRange(
            all.IndexOf("-m") + 2, ["-object", $"memory-backend-file,id={MemoryImage.Block},size={Number(machine.MemoryMb)}M,mem-path={Escape(image)},share=off"]);
        return all;
    }

    /// <summary>A value inside a comma-separated option: QEMU reads two commas as one.</summary>
    public static string Escape(string value) => value.Replace(",", ",,", StringComparison.Ordinal);

    private static string[] Screen(string option, string value) => [option, value];

    private static void AddMachine(List<string> arguments, QemuMachine machine, AcceleratorKind accelerator)
    {
        var type = machine.Type + (machine.Firmware is { IsSecure: true } ? ",smm=on" : "");
        switch (accelerator)
        {
            case AcceleratorKind.Kvm:
                arguments.AddRange(["-machine", type + ",accel=kvm", "-enable-kvm"]);
                break;
            case AcceleratorKind.Hvf:
                arguments.AddRange(["-machine", type + ",accel=hvf"]);
                break;
            default:
                // Without tb-size the translation cache of one guest grows to a gigabyte.
                arguments.AddRange(["-machine", type, "-accel", "tcg,thread=multi,tb-size=256"]);
                break;
        }
    }

    private static string Cpu(QemuMachine machine, AcceleratorKind accelerator, string? processorExtension)
    {
        var cpu = machine.Cpu;
        if (accelerator == AcceleratorKind.Tcg)
        {
            // qemu64 costs a quarter less than max to translate; the other architectures have no such model.
            return cpu.Model is { } asked ? Escape(asked) : machine.Architecture == "x86_64" ? "qemu64" : "max";
        }

        var model = cpu.Mode switch
        {
            "custom" when cpu.Model is { } named => named,
            "host-model" or "maximum" => "max",
            null when cpu.Model is { } named => named,
            _ => "host",
        };
        var features = cpu.Features.Select(f => (f.Policy is "disable" or "forbid" ? "-" : "+") + f.Name).ToList();
        if (model == "host" && processorExtension is not null && cpu.Features.All(f => f.Name is not ("vmx" or "svm")))
        {
            features.Add("+" + processorExtension);
        }

        return string.Join(',', [Escape(model), .. features.Select(Escape)]);
    }

    private static void AddBoot(List<string> arguments, QemuMachine machine)
    {
        if (machine.Kernel is { } kernel)
        {
            arguments.AddRange(["-kernel", kernel.Path]);
            if (kernel.Initrd is { } initrd) arguments.AddRange(["-initrd", initrd]);
            arguments.AddRange(["-append", kernel.CommandLine]);
        }
        else if (machine.Firmware is { } firmware)
        {
            arguments.AddRange(["-drive", $"if=pflash,format=raw,readonly=on,file={Escape(firmware.Code)}"]);
            arguments.AddRange(["-drive", $"if=pflash,format=raw,file={Escape(firmware.Nvram)}"]);
            if (firmware.IsSecure) arguments.AddRange(["-global", "driver=cfi.pflash01,property=secure,value=on"]);
        }
    }

    private static void AddDisks(List<string> arguments, QemuMachine machine)
    {
        var root = machine.Disks[0];
        arguments.AddRange(["-drive", $"file={Escape(root.Path)},format={root.Format},if=none,id=drive0,discard=unmap"]);
        arguments.AddRange(["-device", "virtio-blk-pci,drive=drive0"]);
        foreach (var disk in machine.Disks.Skip(1))
        {
            arguments.AddRange(["-drive", $"file={Escape(disk.Path)},format={disk.Format},if={disk.Interface}"
                + (disk.IsCdrom ? ",media=cdrom" : "") + (disk.IsReadOnly || disk.IsCdrom ? ",readonly=on" : "")]);
        }

        if (machine.Seed is not { } seed) return;
        if (machine.Type == "virt")
        {
            arguments.AddRange(["-drive", $"file={Escape(seed)},format=raw,if=none,id=seed0,media=cdrom,readonly=on"]);
            arguments.AddRange(["-device", "virtio-scsi-pci", "-device", "scsi-cd,drive=seed0"]);
        }
        else
        {
            // Not virtio, so that the root disk stays vda.
            arguments.AddRange(["-drive", $"file={Escape(seed)},format=raw,if=ide,media=cdrom,readonly=on"]);
        }
    }

    /// <summary>The arguments of a network and its card.</summary>
    /// <param name="network">The network.</param>
    /// <param name="id">What QEMU calls it.</param>
    public static IReadOnlyList<string> Network(QemuNetwork network, string id)
    {
        var device = network.Tap switch
        {
            null => $"user,id={id}" + string.Concat(network.Forwards.Select(f =>
                $",hostfwd={f.Protocol}:{Host(f.Bind)}:{Number(f.HostPort)}-:{Number(f.GuestPort)}")),
            { Helper: { } helper } tap => $"tap,id={id},br={Escape(tap.Bridge)},helper={Escape(helper)}",
            var tap => $"tap,id={id},ifname={Escape(tap.Device!)},script=no,downscript=no",
        };
        return ["-netdev", device, "-device", $"{network.Model},netdev={id},mac={network.Mac}"];
    }

    private static void AddSockets(List<string> arguments, QemuMachine machine, bool isForeground)
    {
        if (machine.AgentSocket is { } agent)
        {
            arguments.AddRange(["-chardev", $"socket,path={Escape(agent)},server=on,wait=off,id={AgentChannel}"]);
            arguments.AddRange(["-device", "virtio-serial", "-device", $"virtserialport,chardev={AgentChannel},name=org.qemu.guest_agent.0"]);
        }

        arguments.AddRange(["-qmp", $"unix:{Escape(machine.QmpSocket)},server=on,wait=off"]);
        arguments.AddRange(["-monitor", isForeground ? "stdio" : machine.MonitorSocket is { } monitor ? $"unix:{Escape(monitor)},server=on,wait=off" : "none"]);
        arguments.AddRange(["-chardev",
            $"socket,id=serial0,path={Escape(machine.ConsoleSocket)},server=on,wait=off,logfile={Escape(machine.ConsoleLog)}"]);
        arguments.AddRange(["-serial", "chardev:serial0"]);
    }

    private static string Host(string address) => address.Contains(':') ? $"[{address}]" : address;

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);
}
