using OpenCharly.Foundation;
using OpenCharly.Kdl;
using OpenCharly.Model;

namespace OpenCharly.Vms.Definitions;

/// <summary>Reads VMFile.kdl (vm.md §8). All problems are told at once, each with machine, line, column and what to do.</summary>
public sealed class VmFileReader
{
    private static readonly string[] Networks = ["user", "tap", "vnic", "none"];

    private readonly List<Problem> _problems = [];
    private readonly string _file;
    private readonly CharlyEnvironment _environment;

    private VmFileReader(CharlyEnvironment environment, string file) =>
        (_file, _environment) = (file, environment with { WorkingDirectory = Path.GetDirectoryName(file)! });

    /// <summary>Reads a VMFile.</summary>
    /// <param name="environment">Where relative paths and <c>~</c> lead.</param>
    /// <param name="path">The file; <c>VMFile.kdl</c> in the working folder if null.</param>
    /// <exception cref="CharlyException"><see cref="Errors.VmFileMissing"/>; <see cref="Errors.VmFileSyntax"/> for text that is no KDL
    /// and for a file without a machine; <see cref="Errors.VmFileValidation"/>, all problems in one
    /// <see cref="CharlyValidationException"/> if there are several.</exception>
    public static VmFileDocument Read(CharlyEnvironment environment, string? path = null)
    {
        var file = environment.Resolve(path ?? VmFileDocument.DefaultName);
        return File.Exists(file) ? new VmFileReader(environment, file).Read() : throw new CharlyException(
            Errors.VmFileMissing, $"there is no {file}", "Create VMFile.kdl in the current folder, or name another file with --file.", target: file);
    }

    private VmFileDocument Read()
    {
        var machines = new List<VmDefinition>();
        var names = new Dictionary<string, SourcePosition>(StringComparer.Ordinal);
        foreach (var node in Parse(_file).Nodes)
        {
            if (node.Name.Text != "vm")
            {
                Report(node.Name.Position, $"unknown node \"{node.Name.Text}\"", Nearest.Suggest(node.Name.Text, ["vm"], "A VMFile holds nothing but vm \"NAME\" { … }."));
                continue;
            }

            var machine = ReadMachine(node);
            if (machine is null) continue;
            if (!names.TryAdd(machine.Name, node.Position)) Report(node.Position, $"vm \"{machine.Name}\" is defined twice, first in line {names[machine.Name].Line}", "Give one of the two another name.");
            machines.Add(machine);
        }

        CharlyValidationException.ThrowIfAny(_problems.OrderBy(p => p.Position?.Line).ThenBy(p => p.Position?.Column));
        if (machines.Count == 0)
        {
            throw new CharlyException(
                Errors.VmFileSyntax, $"{_file} defines no machine", "Define one: vm \"NAME\" { image \"PATH\" }", new SourcePosition(_file, 1, 1), _file);
        }

        return new VmFileDocument(_file, machines, [.. _problems.Where(p => p.IsWarning)]);
    }

    private static KdlDocument Parse(string file)
    {
        try
        {
            return KdlReader.ReadFile(file);
        }
        catch (CharlyException e) when (e.Code == Errors.KdlSyntax || e.Code == Errors.KdlLimit)
        {
            throw new CharlyException(Errors.VmFileSyntax, e.Message, $"{e.Help} The language is described at kdl.dev.", e.Position, file, e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CharlyException(Errors.Io, $"{file} can't be read: {e.Message}", "Check its permissions.", target: file, inner: e);
        }
    }

    private VmDefinition? ReadMachine(KdlNode node)
    {
        if (ReadName(node) is not { } name) return null;
        var vm = new VmFileBlock(node, $"vm \"{name}\"", _problems);
        if (!node.HasBlock)
        {
            vm.Report(node.Position, "it has no body", "Write the machine in braces: vm \"NAME\" { image \"PATH\" }");
            return null;
        }

        var (image, url) = ReadImage(vm);
        var provisions = vm.TakeAll("provision").Select(n => ReadProvision(vm, n)).OfType<ProvisionStep>().ToArray();
        var definition = new VmDefinition
        {
            Name = name,
            Position = node.Position,
            Image = image,
            ImageUrl = url,
            Vcpus = vm.Count("vcpus") ?? 1,
            MemoryMb = vm.Count("memory") ?? 1024,
            DiskGb = vm.Count("disk"),
            Network = ReadNetwork(vm),
            CloudInit = ReadCloudInit(vm),
            Ssh = ReadSsh(vm),
            Provisions = provisions,
            Uefi = vm.Flag("uefi"),
            PortForwards = ReadForwards(vm),
        };
        if (provisions.Length > 0 && definition.Ssh is null)
        {
            vm.Report(provisions[0].Position ?? node.Position, "it has provisioners, and no ssh block", "Say whom they log in as: ssh { user \"NAME\" }, or ssh {} for the user vm.");
        }

        vm.RejectUnknown();
        return definition;
    }

    private string? ReadName(KdlNode node)
    {
        const string help = "Name it: vm \"NAME\" { … }, with up to 63 letters, digits, dots, dashes and underscores, beginning with a letter or digit.";
        foreach (var property in node.Properties) Report(property.Name.Position, $"vm takes no property \"{property.Name.Text}\"", "Write it as a node inside of the braces.");
        if (node.Arguments.Count == 0)
        {
            Report(node.Position, "this vm has no name", help);
            return null;
        }

        if (node.Arguments.Count > 1) Report(node.Arguments[1].Position, $"vm takes one name, and {node.Arguments[1].Description} is a second", "Remove it, or define a second vm.");
        if (node.Arguments[0] is KdlString { Text: var name } && Names.IsVmFileVm(name)) return name;
        var what = node.Arguments[0] is KdlString { Text: "" } ? "the name of this vm is empty" : $"{node.Arguments[0].Description} can't name a vm";
        Report(node.Arguments[0].Position, what, help + " Names that begin with charly- or hold -eph- are reserved.");
        return null;
    }

    private (string? Path, string? Url) ReadImage(VmFileBlock vm)
    {
        var image = vm.Take("image");
        var url = vm.Take("image-url");
        if (image is null && url is null)
        {
            vm.Report(vm.Node.Position, "it has no image", "Say image \"PATH\" or image-url \"https://…\".");
            return default;
        }

        if (image is not null && url is not null)
        {
            vm.Report(url.Position, "it has both image and image-url", "Keep one of the two.");
            return default;
        }

        if (url is not null) return (null, ReadAddress(vm, url));
        if (vm.Text(image!) is not { } path) return default;
        var full = Resolve(path.Text);
        if (!File.Exists(full)) vm.Report(path.Position, Directory.Exists(full) ? $"the image {full} is a folder" : $"the image {full} does not exist", "Correct the path; it is relative to the folder of the VMFile.");
        return (full, null);
    }

    private static string? ReadAddress(VmFileBlock vm, KdlNode node)
    {
        if (vm.Text(node) is not { } url) return null;
        var isKnown = Uri.TryCreate(url.Text, UriKind.Absolute, out var address) && address.Scheme is "http" or "https" or "oci" && url.Text.Length > address.Scheme.Length + 3;
        if (!isKnown) vm.Report(url.Position, $"the address {url.Description} is none that images come from", "Begin it with https://, http:// or oci://; for a file on this machine say image \"PATH\".");
        return url.Text;
    }

    private static VmHandleNetwork ReadNetwork(VmFileBlock vm)
    {
        var user = new VmHandleNetwork("User", null, null);
        if (vm.Take("network") is not { } node || vm.Text(node, mayHaveProperties: true) is not { } type) return user;
        var network = new VmFileBlock(node, vm.What, vm.Problems, "network");
        VmHandleNetwork result;
        switch (type.Text)
        {
            case "user" or "none":
                result = type.Text == "user" ? user : new VmHandleNetwork("None", null, null);
                break;
            case "tap":
                result = new VmHandleNetwork("Tap", network.ChildOrProperty("bridge")?.Text ?? "br0", null);
                break;
            case "vnic":
                var name = network.ChildOrProperty("name")?.Text;
                if (name is null) vm.Report(node.Position, "network \"vnic\" has no name", "Name the device: network \"vnic\" { name \"vnic0\" }");
                result = new VmHandleNetwork("Vnic", null, name ?? "");
                break;
            default:
                vm.Report(type.Position, $"{type.Description} is no network", Nearest.Suggest(type.Text, Networks, "Use user, tap, vnic or none."));
                return user;
        }

        network.RejectUnknown();
        return result;
    }

    private VmDefinitionCloudInit? ReadCloudInit(VmFileBlock vm)
    {
        if (vm.Take("cloud-init") is not { } node) return null;
        vm.RejectEntries(node);
        var block = new VmFileBlock(node, vm.What, vm.Problems, "cloud-init");
        var key = ReadableFile(vm, block.TextOf("ssh-key"), "ssh-key");
        var data = ReadableFile(vm, block.TextOf("user-data"), "user-data");
        var result = new VmDefinitionCloudInit(block.TextOf("hostname")?.Text, key, data);
        if (key is not null && data is not null)
        {
            vm.Problems.Add(new Problem(
                Errors.VmFileValidation, $"{vm.What}: with user-data the ssh-key is not used", "Put the key into the user-data, or remove one of the two.", node.Position, IsWarning: true));
        }

        block.RejectUnknown();
        return result;
    }

    private VmDefinitionSsh? ReadSsh(VmFileBlock vm)
    {
        if (vm.Take("ssh") is not { } node) return null;
        vm.RejectEntries(node);
        if (!node.HasBlock)
        {
            vm.Report(node.Position, "ssh has no braces", "Write ssh { user \"NAME\" }, or ssh {} for the user vm.");
            return null;
        }

        var block = new VmFileBlock(node, vm.What, vm.Problems, "ssh");
        var user = block.TextOf("user");
        if (user is not null && !IsAccount(user.Text)) vm.Report(user.Position, $"{user.Description} can't be an account", "Use letters, digits, dots, dashes and underscores.");
        var result = new VmDefinitionSsh(user?.Text, block.TextOf("private-key") is { } key ? Resolve(key.Text) : null);
        block.RejectUnknown();
        return result;
    }

    private ProvisionStep? ReadProvision(VmFileBlock vm, KdlNode node)
    {
        var type = node.Arguments.Count == 0 && node.Properties.Count == 0 ? "shell" : vm.Text(node)?.Text;
        if (type is null) return null;
        if (type is not ("shell" or "file"))
        {
            vm.Report(node.Arguments[0].Position, $"{node.Arguments[0].Description} is no kind of provisioner", Nearest.Suggest(type, ["shell", "file"], "Use shell or file."));
            return null;
        }

        if (!node.HasBlock)
        {
            vm.Report(node.Position, "this provisioner has no braces", type == "shell" ? "Write provision \"shell\" { inline \"COMMAND\" }" : "Write provision \"file\" { source \"PATH\"; destination \"/PATH\" }");
            return null;
        }

        var block = new VmFileBlock(node, vm.What, vm.Problems, $"provision \"{type}\"");
        var step = type == "shell" ? ReadShell(vm, block) : ReadFile(vm, block);
        block.RejectUnknown();
        return step;
    }

    private ProvisionStep? ReadShell(VmFileBlock vm, VmFileBlock block)
    {
        var hasBoth = block.Has("inline") && block.Has("script");
        var hasNone = !block.Has("inline") && !block.Has("script");
        var inline = block.TextOf("inline");
        var script = block.TextOf("script");
        if (hasBoth || hasNone)
        {
            vm.Report(block.Node.Position, $"this shell provisioner has {(hasBoth ? "both" : "neither")} inline {(hasBoth ? "and" : "nor")} script", "Give one: inline \"COMMAND\", or script \"PATH\".");
            return null;
        }

        if (inline is not null) return new InlineStep(inline.Text) { Position = block.Node.Position };
        return script is null ? null : new ScriptStep(Resolve(script.Text)) { Position = block.Node.Position };
    }

    private FileStep? ReadFile(VmFileBlock vm, VmFileBlock block)
    {
        foreach (var field in (string[])["source", "destination"])
        {
            if (!block.Has(field)) vm.Report(block.Node.Position, $"this file provisioner has no {field}", "Give both: source \"PATH\" on this machine, destination \"/PATH\" in the guest.");
        }

        var source = block.TextOf("source");
        var destination = block.TextOf("destination");
        if (destination is not null && !destination.Text.StartsWith('/'))
        {
            vm.Report(destination.Position, $"the destination {destination.Description} is not absolute", "Begin it with a slash; the guest knows no current folder and expands no ~.");
        }

        return source is null || destination is null ? null : new FileStep(Resolve(source.Text), destination.Text) { Position = block.Node.Position };
    }

    private static List<PortForward> ReadForwards(VmFileBlock vm)
    {
        var result = new List<PortForward>();
        foreach (var node in vm.TakeAll("port-forward"))
        {
            if (vm.Text(node) is not { } text) continue;
            if (!VmReader.TryParseForward(text.Text, out var forward)) vm.Report(text.Position, $"{text.Description} is no port forward", "Write \"[address:]HOST:GUEST\" with ports from 1 to 65535, such as \"8080:80\".");
            else if (result.Any(f => (f.Bind, f.HostPort, f.Protocol) == (forward.Bind, forward.HostPort, forward.Protocol))) vm.Report(text.Position, $"the host port {forward.HostPort} is forwarded twice", "Remove one.");
            else result.Add(forward);
        }

        return result;
    }

    private string? ReadableFile(VmFileBlock vm, KdlString? path, string what)
    {
        if (path is null) return null;
        var full = Resolve(path.Text);
        try
        {
            using var file = File.OpenRead(full);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            vm.Report(path.Position, $"the {what} {full} can't be read: {(File.Exists(full) ? e.Message : "there is no such file")}", "Correct the path; it is relative to the folder of the VMFile.");
        }

        return full;
    }

    /// <summary>Whether this can name an account of a guest.</summary>
    internal static bool IsAccount(string name) => name.Length is > 0 and <= 64 && name[0] != '-' && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_');

    private string Resolve(string path) => _environment.Resolve(path);

    private void Report(SourcePosition position, string message, string help) => _problems.Add(new Problem(Errors.VmFileValidation, message, help, position));
}
