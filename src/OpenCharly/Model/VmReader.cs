using System.Text.RegularExpressions;
using OpenCharly.Foundation;
using OpenCharly.Yaml;

namespace OpenCharly.Model;

/// <summary>Reads vm entities and checks every rule of vm.md §1; all problems of one entity are reported at once.</summary>
public static partial class VmReader
{
    private static readonly string[] Firmwares = ["bios", "uefi-insecure", "uefi-secure"];
    private static readonly string[] Backends = ["auto", "libvirt", "qemu", "noop"];
    private static readonly string[] Channel = ["auto", "enabled", "disabled"];
    private static readonly string[] DeployKeys = ["disposable", "lifecycle", "ephemeral", "preemptible"];

    /// <summary>Reads one entity.</summary>
    /// <param name="map">Its body: what stands below its name, or below <c>spec:</c> of a document.</param>
    /// <param name="name">Its name.</param>
    /// <param name="projectFolder">Root folder of its project.</param>
    /// <param name="problems">Problems are added here, each beginning <c>vm "name":</c>.</param>
    /// <returns>The entity, which is usable only if no problem is an error; null if it has no readable source.</returns>
    public static VmSpec? Read(YamlMapping map, string name, string projectFolder, ICollection<Problem> problems)
    {
        var body = new YamlBinder(map, $"vm \"{name}\"", problems);
        if (!Names.IsVm(name)) body.Report(Errors.VmValidation, $"\"{name}\" can't name a virtual machine", "Use letters, digits, dashes and underscores, at most 63, without \"-eph-\".", map.Position);
        foreach (var key in DeployKeys.Where(k => map[k] is not null))
        {
            body.Accept(key);
            body.Report(Errors.CfgLegacy, $"\"{key}\" belongs to the deploy entry", "Move it there, or run `charly migrate`.", map.Entries.First(e => e.Key.Text == key).Key.Position);
        }

        body.Accept("name", "version", "description");
        var source = body.Map("source") is { } sourceMap ? VmSourceReader.Read(new YamlBinder(sourceMap, $"vm \"{name}\": source", problems)) : null;
        if (source is null && body.Mapping["source"] is not YamlMapping)
        {
            body.Report(Errors.VmValidation, "\"source\" is missing", "Say what the disk is made of, such as source: {kind: cloud_image, url: …}.", map.Position);
        }

        var cpus = body.Integer("cpu", "cpus") ?? 2;
        if (cpus is < 1 or > 1024) body.Report(Errors.VmValidation, $"\"cpu\" is {cpus}", "Use a number from 1 to 1024.", body.Has("cpu") ? body.At("cpu") : body.At("cpus"));
        var machine = body.Text("machine");
        if (machine == "i440fx") machine = "pc";
        if (machine is not null && !Word().IsMatch(machine)) body.Report(Errors.VmValidation, $"\"{machine}\" can't be a machine type", "Use a name such as q35 or virt.", body.At("machine"));
        var firmware = Choice(body, "firmware", Firmwares, null);
        if (firmware == "uefi-secure" && machine == "pc") body.Report(Errors.VmValidation, "uefi-secure does not work with i440fx", "Use machine: q35.", body.At("firmware"));
        var backend = Choice(body, "backend", Backends, "auto")!;
        var autostart = body.Boolean("autostart") ?? false;
        if (autostart && backend == "qemu") body.Report(Errors.VmValidation, "\"autostart\" needs libvirt", "Remove it, or use backend: libvirt.", body.At("autostart"));
        var model = body.Text("cpu_model");
        if (model is not null && !Word().IsMatch(model)) body.Report(Errors.VmValidation, $"\"{model}\" can't be a processor model", "Use a name such as host or qemu64.", body.At("cpu_model"));
        var disk = Size(body, "disk_size", 'B');
        if (disk is null && source is BootcSource or BootstrapSource && !body.Has("disk_size"))
        {
            body.Report(Errors.VmValidation, $"\"disk_size\" is missing, and a {source.Kind} source has no size of its own", "Add disk_size: 10G.", map.Position);
        }

        var libvirt = body.Map("libvirt");
        if (libvirt is not null) VmLibvirtForm.Check(new YamlBinder(libvirt, $"vm \"{name}\": libvirt", problems), firmware == "uefi-secure");
        var spec = source is null ? null : new VmSpec
        {
            Name = name,
            Position = map.Position,
            ProjectFolder = projectFolder,
            Source = source,
            DiskSize = disk,
            Ram = Size(body, "ram", 'M') ?? new ByteSize(4L << 30),
            IsRamOpen = !body.Has("ram"),
            Cpus = cpus,
            AreCpusOpen = !body.Has("cpu") && !body.Has("cpus"),
            Machine = machine,
            Firmware = firmware,
            Backend = backend,
            Accelerator = Choice(body, "accel", ["auto", "kvm", "tcg"], "auto")!,
            CpuModel = model,
            Autostart = autostart,
            Network = body.Map("network") is { } network ? Network(new YamlBinder(network, $"vm \"{name}\": network", problems)) : new VmNetwork(),
            Ssh = body.Map("ssh") is { } ssh ? Ssh(new YamlBinder(ssh, $"vm \"{name}\": ssh", problems)) : new VmSsh(),
            CloudInit = body.Map("cloud_init") is { } cloudInit ? VmCloudInitReader.Read(new YamlBinder(cloudInit, $"vm \"{name}\": cloud_init", problems)) : null,
            Snapshots = Snapshots(body),
            Libvirt = libvirt,
        };
        body.Accept("ram", "accel", "network", "ssh", "cloud_init", "snapshot");
        body.RejectUnknown(Errors.CfgUnknownKey);
        return spec;
    }

    /// <summary>A size, or null if absent or, after a report, wrong.</summary>
    internal static ByteSize? Size(YamlBinder binder, string key, char defaultUnit)
    {
        if (binder.Text(key) is not { } text) return null;
        if (ByteSize.TryParse(text, defaultUnit, out var size)) return size;
        binder.Report(Errors.VmValidation, $"\"{key}\" is \"{text}\", which is no size", "Use a whole number above zero with K, M, G or T, such as 20G.", binder.At(key));
        return null;
    }

    /// <summary>One of some words.</summary>
    internal static string? Choice(YamlBinder binder, string key, string[] allowed, string? standard)
    {
        if (binder.Text(key) is not { } text) return standard;
        if (allowed.Contains(text)) return text;
        binder.Report(Errors.VmValidation, $"\"{key}\" is \"{text}\"", Nearest.Suggest(text, allowed, $"Use one of {string.Join(", ", allowed)}."), binder.At(key));
        return standard;
    }

    private static VmNetwork Network(YamlBinder network)
    {
        var mode = Choice(network, "mode", ["user", "bridge", "nat", "network", "none"], "user")!;
        var bridge = network.Text("bridge");
        var model = network.Text("model") ?? "virtio-net-pci";
        var mac = network.Text("mac");
        if (mode == "bridge" && bridge is null) network.Report(Errors.VmValidation, "\"bridge\" is missing", "Name the host's bridge: bridge: br0.", network.Mapping.Position);
        if (bridge is not null && !Interface().IsMatch(bridge)) network.Report(Errors.VmValidation, $"\"{bridge}\" can't name a bridge or network", "Use letters, digits, dots, dashes, underscores.", network.At("bridge"));
        if (!Word().IsMatch(model)) network.Report(Errors.VmValidation, $"\"{model}\" can't be a network model", "Use a name such as virtio-net-pci.", network.At("model"));
        if (mac is not null && !Mac().IsMatch(mac)) network.Report(Errors.VmValidation, $"\"{mac}\" is no hardware address", "Write six hex pairs with colons; the first even, such as 52:54:00:12:34:56.", network.At("mac"));
        var forwards = new List<PortForward>();
        foreach (var item in network.Items("port_forwards"))
        {
            if (item is not YamlScalar scalar || !TryParseForward(scalar.Text, out var forward))
            {
                network.Report(Errors.VmValidation, $"{item.Description} is no port forward", "Write [address:]HOST:GUEST[/tcp|/udp] with ports from 1 to 65535.", item.Position);
            }
            else if (forwards.Any(f => f.HostPort == forward.HostPort && f.Protocol == forward.Protocol && f.Bind == forward.Bind))
            {
                network.Report(Errors.VmValidation, $"the host port {forward.HostPort} is forwarded twice", "Remove one.", item.Position);
            }
            else
            {
                forwards.Add(forward);
            }
        }

        network.RejectUnknown(Errors.CfgUnknownKey);
        return new VmNetwork { Mode = mode == "network" ? "nat" : mode, Bridge = bridge ?? (mode is "nat" or "network" ? "default" : null), Model = model, Mac = mac, PortForwards = forwards };
    }

    /// <summary>Reads <c>[bind:]host:guest[/tcp|/udp]</c>.</summary>
    internal static bool TryParseForward(string text, out PortForward forward)
    {
        forward = new PortForward("127.0.0.1", 0, 0, "tcp");
        var match = Forward().Match(text);
        if (!match.Success) return false;
        var bind = match.Groups["bind"].Success ? match.Groups["bind"].Value : "127.0.0.1";
        if (!System.Net.IPAddress.TryParse(bind.Trim('[', ']'), out _)
            || !TryPort(match.Groups["host"].Value, out var host) || !TryPort(match.Groups["guest"].Value, out var guest))
        {
            return false;
        }

        forward = new PortForward(bind, host, guest, match.Groups["proto"].Success ? match.Groups["proto"].Value : "tcp");
        return true;
    }

    private static bool TryPort(string text, out int port) =>
        int.TryParse(text, System.Globalization.NumberStyles.None, null, out port) && port is >= 1 and <= 65535;

    private static VmSsh Ssh(YamlBinder ssh)
    {
        var user = ssh.Text("user");
        if (user is not null && !Names.IsUser(user)) ssh.Report(Errors.VmValidation, $"\"{user}\" can't be a user", "Use a-z, 0-9, dashes and underscores.", ssh.At("user"));
        var port = ssh.Integer("port");
        if (port is < 0 or > 65535) ssh.Report(Errors.VmValidation, $"\"port\" is {port}", "Use a number up to 65535.", ssh.At("port"));
        var isAuto = ssh.Boolean("port_auto") ?? false;
        if (isAuto && port is > 0) ssh.Report(Errors.VmValidation, "\"port\" and \"port_auto\" exclude each other", "Remove one.", ssh.At("port_auto"));
        var key = ssh.Text("key_source") ?? "auto";
        if (key is not ("auto" or "generate" or "none") && (!key.StartsWith('/') || !Patterns.IsOneLine(key)))
        {
            ssh.Report(Errors.VmValidation, $"\"key_source\" is \"{key}\"", "Use auto, generate, none, or the absolute path of a public key.", ssh.At("key_source"));
        }

        var injection = ssh.Map("key_injection") is { } map ? new YamlBinder(map, ssh.What + ".key_injection", ssh.Problems) : null;
        var read = new VmSsh
        {
            User = user,
            Port = port is 0 ? null : port,
            PortAuto = isAuto || port is 0,
            KeySource = key,
            InjectSmbios = injection is null ? "auto" : Choice(injection, "smbios", Channel, "auto")!,
            InjectCloudInit = injection is null ? "auto" : Choice(injection, "cloud_init", Channel, "auto")!,
        };
        injection?.RejectUnknown(Errors.CfgUnknownKey);
        ssh.RejectUnknown(Errors.CfgUnknownKey);
        return read;
    }

    private static List<VmSnapshotIntent> Snapshots(YamlBinder body)
    {
        var snapshots = new List<VmSnapshotIntent>();
        foreach (var item in body.Items("snapshot"))
        {
            if (item is not YamlMapping map)
            {
                body.Report(Errors.YamlType, $"a snapshot must be a mapping, not {item.Description}", "Write name: below it.", item.Position);
                continue;
            }

            var snapshot = new YamlBinder(map, body.What + ": snapshot", body.Problems);
            var name = snapshot.Text("name") ?? "";
            if (!Word().IsMatch(name)) snapshot.Report(Errors.VmValidation, $"\"{name}\" can't name a snapshot", "Use letters, digits, dots, dashes, underscores.", snapshot.At("name"));
            if (snapshots.Any(s => s.Name == name)) snapshot.Report(Errors.VmValidation, $"the snapshot \"{name}\" is declared twice", "Give each a name of its own.", snapshot.At("name"));
            if (snapshot.Has("from")) snapshot.Report(Errors.VmValidation, "\"from\" is reserved and has no effect yet", "Remove it.", snapshot.At("from"), isWarning: true);
            snapshot.Accept("from");
            snapshots.Add(new VmSnapshotIntent(name, snapshot.Text("description"), Choice(snapshot, "mode", ["external", "internal"], null), snapshot.Boolean("quiesce") ?? false));
            snapshot.RejectUnknown(Errors.CfgUnknownKey);
        }

        return snapshots;
    }

    [GeneratedRegex(@"^[A-Za-z0-9][A-Za-z0-9._-]{0,62}\z")]
    internal static partial Regex Word();

    [GeneratedRegex(@"^[A-Za-z0-9][A-Za-z0-9_.-]{0,49}\z")]
    private static partial Regex Interface();

    // The lowest bit of the first byte marks groups, which no machine can be.
    [GeneratedRegex(@"^[0-9a-fA-F][02468aceACE](:[0-9a-fA-F]{2}){5}\z")]
    private static partial Regex Mac();

    [GeneratedRegex(@"^(?:(?<bind>\[[0-9a-fA-F:.]+\]|[0-9.]+):)?(?<host>[0-9]{1,5}):(?<guest>[0-9]{1,5})(?:/(?<proto>tcp|udp))?\z")]
    private static partial Regex Forward();
}
