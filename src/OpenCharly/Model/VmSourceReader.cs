using System.Text.RegularExpressions;
using OpenCharly.Foundation;
using OpenCharly.Yaml;

namespace OpenCharly.Model;

/// <summary>Reads the <c>source:</c> of a vm entity (vm.md §1.1).</summary>
internal static partial class VmSourceReader
{
    private static readonly string[] RootFileSystems = ["ext4", "xfs", "btrfs"];

    private static readonly Dictionary<string, string> Suites = new(StringComparer.Ordinal)
    {
        ["debian:12"] = "bookworm", ["debian:13"] = "trixie", ["ubuntu:22.04"] = "jammy", ["ubuntu:24.04"] = "noble",
    };

    private static readonly Dictionary<string, string[]> Fields = new(StringComparer.Ordinal)
    {
        ["cloud_image"] = ["url", "path", "checksum", "cache", "base_user"],
        ["bootc"] = ["box", "image", "transport", "rootfs", "root_size", "kernel_args"],
        ["bootstrap"] = ["builder", "distro", "builder_image", "suite", "mirror", "rootfs", "kernel_args", "package", "packages", "bootstrap_arch", "bootstrap_variant"],
        ["clone"] = ["from_vm", "from_snapshot", "cloud_init_clean"],
        ["imported"] = ["libvirt_name", "disk_path", "disk_format", "adopted_at", "last_synced_at"],
    };

    /// <summary>The source, or null if its kind is missing or unknown.</summary>
    public static VmSource? Read(YamlBinder source)
    {
        var kind = source.Text("kind");
        if (kind is null || !Fields.TryGetValue(kind, out var fields))
        {
            source.Report(
                Errors.VmValidation, kind is null ? "\"kind\" is missing" : $"\"kind\" is \"{kind}\"",
                Nearest.Suggest(kind ?? "", Fields.Keys, $"Use one of {string.Join(", ", Fields.Keys)}."), source.At("kind"));
            return null;
        }

        foreach (var entry in source.Mapping.Entries.Where(e => e.Key.Text != "kind" && !fields.Contains(e.Key.Text)))
        {
            if (Fields.FirstOrDefault(f => f.Value.Contains(entry.Key.Text)).Key is not { } other) continue;
            source.Accept(entry.Key.Text);
            source.Report(Errors.VmValidation, $"\"{entry.Key.Text}\" belongs to the kind {other}, not to {kind}", "Remove it.", entry.Key.Position);
        }

        source.Accept(fields);
        VmSource read = kind switch
        {
            "cloud_image" => CloudImage(source),
            "bootc" => Bootc(source),
            "bootstrap" => Bootstrap(source),
            "clone" => new CloneSource(Name(source, "from_vm"), Name(source, "from_snapshot"), source.Boolean("cloud_init_clean") ?? false),
            _ => Imported(source),
        };
        source.RejectUnknown(Errors.CfgUnknownKey);
        return read;
    }

    private static CloudImageSource CloudImage(YamlBinder source)
    {
        var url = Line(source, "url");
        var path = Line(source, "path");
        if ((url is null) == (path is null)) source.Report(Errors.VmValidation, url is null ? "neither \"url\" nor \"path\"" : "both \"url\" and \"path\"", "Give one: an address, or a path on this machine.", source.Mapping.Position);
        if (url is not null && !Address().IsMatch(url)) source.Report(Errors.VmValidation, $"\"url\" is \"{url}\"", "Begin it with https://, http://, file:// or oci://.", source.At("url"));
        var user = source.Text("base_user");
        if (user is not null && !Names.IsUser(user)) source.Report(Errors.VmValidation, $"\"{user}\" can't be a user", "Use a-z, 0-9, dashes and underscores.", source.At("base_user"));
        return new CloudImageSource { Url = url, Path = path, Sha256 = Checksum(source), Cache = Line(source, "cache"), BaseUser = user };
    }

    private static string? Checksum(YamlBinder source)
    {
        if (source.Map("checksum") is not { } map) return null;
        var checksum = new YamlBinder(map, source.What + ".checksum", source.Problems);
        VmReader.Choice(checksum, "type", ["sha256"], "sha256");
        var value = checksum.Text("value") ?? "";
        if (value.StartsWith("sha256:", StringComparison.Ordinal)) value = value[7..];
        value = value.ToLowerInvariant();
        if (!Digest().IsMatch(value)) checksum.Report(Errors.VmValidation, "\"value\" is no SHA-256", "Give 64 hex digits.", checksum.At("value"));
        checksum.RejectUnknown(Errors.CfgUnknownKey);
        return value;
    }

    /// <summary>How a system that is an image fetches its next version.</summary>
    internal static readonly string[] Transports = ["registry", "containers-storage", "oci", "oci-archive"];

    private static BootcSource Bootc(YamlBinder source) => new()
    {
        Box = Required(source, "box", "image"),
        Transport = VmReader.Choice(source, "transport", Transports, null),
        RootFs = VmReader.Choice(source, "rootfs", RootFileSystems, null),
        RootSize = VmReader.Size(source, "root_size", 'B'),
        KernelArgs = KernelArguments(source),
    };

    private static BootstrapSource Bootstrap(YamlBinder source)
    {
        var packages = source.TextList("package", "packages");
        foreach (var package in packages.Where(p => !Names.IsPackage(p))) source.Report(Errors.VmValidation, $"\"{package}\" can't name a package", "Use the name as the package manager spells it.", source.At("package"));
        if (source.Text("builder") is null) source.Report(Errors.VmValidation, "\"builder\" is missing", "Use debootstrap or pacstrap.", source.Mapping.Position);
        return new BootstrapSource
        {
            Builder = VmReader.Choice(source, "builder", ["debootstrap", "pacstrap"], "debootstrap")!,
            Distro = Distro(source),
            BuilderImage = Line(source, "builder_image"),
            Suite = Word(source, "suite"),
            Mirror = Mirror(source),
            RootFs = VmReader.Choice(source, "rootfs", RootFileSystems, "ext4")!,
            KernelArgs = KernelArguments(source),
            Packages = packages,
            Architecture = Word(source, "bootstrap_arch"),
            Variant = Word(source, "bootstrap_variant") ?? "minbase",
        };
    }

    // A release is told by its suite, since that is what its packages are fetched by.
    private static string Distro(YamlBinder source)
    {
        var text = source.Text("distro") ?? "";
        if (text.Length == 0) return Missing(source, "distro");
        if (VmReader.Word().IsMatch(text)) return text;
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        var isRelease = colon > 0 && VmReader.Word().IsMatch(text[..colon]) && VmReader.Word().IsMatch(text[(colon + 1)..]);
        source.Report(
            Errors.VmValidation, $"\"distro\" is \"{text.ReplaceLineEndings("⏎")}\"",
            isRelease ? $"Write distro: {text[..colon]}, and the release as suite:{(Suites.TryGetValue(text, out var suite) ? " " + suite : "")}." : "Use one word of letters, digits, dots, dashes.", source.At("distro"));
        return "";
    }

    private static ImportedSource Imported(YamlBinder source)
    {
        var path = Required(source, "disk_path");
        if (path.Length > 0 && !path.StartsWith('/')) source.Report(Errors.VmValidation, $"\"disk_path\" is \"{path}\"", "Give an absolute path.", source.At("disk_path"));
        if (source.Text("disk_format") is null) source.Report(Errors.VmValidation, "\"disk_format\" is missing", "Use qcow2 or raw.", source.Mapping.Position);
        return new ImportedSource(Name(source, "libvirt_name"), path, VmReader.Choice(source, "disk_format", ["qcow2", "raw"], "qcow2")!);
    }

    private static string[] KernelArguments(YamlBinder source)
    {
        var words = source.TextList("kernel_args").SelectMany(a => a.Split(' ', StringSplitOptions.RemoveEmptyEntries)).ToArray();
        foreach (var word in words.Where(w => !Patterns.IsOneLine(w) || w.Contains('"'))) source.Report(Errors.VmValidation, $"the kernel argument \"{word.ReplaceLineEndings("⏎")}\" can't be passed on", "Write one argument an item, without quotes or line breaks.", source.At("kernel_args"));
        return words;
    }

    private static string? Mirror(YamlBinder source)
    {
        var mirror = Line(source, "mirror");
        if (mirror is not null && !MirrorAddress().IsMatch(mirror)) source.Report(Errors.VmValidation, $"\"mirror\" is \"{mirror}\"", "Begin it with https://, http:// or file://, without blanks.", source.At("mirror"));
        return mirror;
    }

    private static string Name(YamlBinder source, string key)
    {
        var name = Required(source, key);
        if (name.Length > 0 && !VmReader.Word().IsMatch(name)) source.Report(Errors.VmValidation, $"\"{key}\" is \"{name}\"", "Use letters, digits, dots, dashes, underscores.", source.At(key));
        return name;
    }

    private static string? Word(YamlBinder source, string key)
    {
        var word = source.Text(key);
        if (word is null || VmReader.Word().IsMatch(word)) return word;
        source.Report(Errors.VmValidation, $"\"{key}\" is \"{word.ReplaceLineEndings("⏎")}\"", "Use one word of letters, digits, dots, dashes.", source.At(key));
        return null;
    }

    private static string Required(YamlBinder source, string key, params string[] aliases) =>
        source.Node(key, aliases) is null or YamlScalar { Text.Length: 0 } ? Missing(source, key) : CandyScope.Line(source, Errors.VmValidation, key, aliases) ?? "";

    private static string Missing(YamlBinder source, string key)
    {
        source.Report(Errors.VmValidation, $"\"{key}\" is missing", $"Add {key}:.", source.Mapping.Position);
        return "";
    }

    private static string? Line(YamlBinder source, string key) =>
        CandyScope.Line(source, Errors.VmValidation, key) is { Length: > 0 } text ? text : null;

    [GeneratedRegex(@"^(?:https?|file|oci)://[^\s]+\z")]
    private static partial Regex Address();

    [GeneratedRegex(@"^(?:https?|file)://[^\s""'\\]+\z")]
    private static partial Regex MirrorAddress();

    [GeneratedRegex(@"^[0-9a-f]{64}\z")]
    private static partial Regex Digest();
}
