using System.Security.Cryptography;
using System.Text;
using OpenCharly.Foundation;
using OpenCharly.Model;
using OpenCharly.Vms.Bootstrap;
using OpenCharly.Vms.Keys;
using OpenCharly.Yaml;
using static OpenCharly.Vms.CloudInit.CloudInitTree;
using static OpenCharly.Yaml.Nodes;

namespace OpenCharly.Vms.CloudInit;

/// <summary>
/// Renders cloud-init documents (vm.md §5.1, §5.2): a pure function with a fixed order of keys, so that equal input
/// gives equal bytes and the digest tells whether anything changed.
/// </summary>
public static class CloudInitRenderer
{
    private const string Header = "#cloud-config\n";

    /// <summary>The documents of a charly machine.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.VmValidation"/> or a YAML error for a bad <c>extra</c>.</exception>
    public static CloudInitDocuments Render(CloudInitInput input)
    {
        var config = input.Config ?? new VmCloudInit();
        var tree = Map(
            ("hostname", config.Hostname is { } hostname ? Text(hostname) : null),
            ("timezone", config.Timezone is { } timezone ? Text(timezone) : null),
            ("locale", config.Locale is { } locale ? Text(locale) : null),
            ("users", CloudInitUsers.Render(input)),
            ("disable_root", input.SshUser == "root" ? Flag(false) : null),
            ("ssh_deletekeys", input.HostKey is null ? null : Flag(true)),
            ("ssh_keys", HostKeys(input.HostKey)),
            ("apt", config.Mirrors.TryGetValue("apt", out var mirror) ? Apt(mirror) : null),
            ("packages", NullIfEmpty(Packages(input, config))),
            ("write_files", Files(config)),
            ("bootcmd", NullIfEmpty(config.BootCommands)),
            ("runcmd", NullIfEmpty(RunCommands(input, config))));
        if (config.Extra is { } extra) tree = Merge(tree, ReadExtra(extra));
        return Documents(Header + BlockYaml.Write(tree), input.InstanceId, config.Hostname ?? input.MachineName, NetworkConfig(config.Network));
    }

    /// <summary>The documents of a VMFile machine.</summary>
    public static CloudInitDocuments Render(VmFileCloudInitInput input)
    {
        var hostname = input.Hostname ?? input.MachineName;
        if (input.RawUserData is { } raw) return Documents(raw, input.InstanceId, hostname, null);
        var tree = Map(
            ("users", List([CloudInitUsers.Created(input.User, ["sudo"], input.PublicKey, lockPassword: null)])),
            ("ssh_pwauth", Flag(false)),
            ("disable_root", Flag(true)),
            ("chpasswd", Map(("expire", Flag(false)))),
            ("ssh_deletekeys", input.HostKey is null ? null : Flag(true)),
            ("ssh_keys", HostKeys(input.HostKey)));
        return Documents(Header + BlockYaml.Write(tree), input.InstanceId, hostname, null);
    }

    private static CloudInitDocuments Documents(string userData, string instanceId, string hostname, string? network) => new(
        userData,
        BlockYaml.Write(Map(("instance-id", Text(instanceId)), ("local-hostname", Text(hostname)))),
        network,
        "sha256:" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(userData))));

    private static YamlMapping? HostKeys(GuestHostKey? key) => key is null ? null : Map(
        ("ed25519_private", Text(key.PrivateKey)),
        ("ed25519_public", Text(key.PublicKey.Trim())));

    private static YamlMapping Apt(string mirror) => Map(
        ("preserve_sources_list", Flag(false)),
        ("primary", List([Map(("arches", Texts(["default"])), ("uri", Text(mirror)))])));

    /// <summary>
    /// The list makes cloud-init refresh the package index before it looks whether anything is missing: minutes without a
    /// network or under emulation. So what an image is known to hold is left out, but only where we built it ourselves.
    /// </summary>
    private static IEnumerable<string> Packages(CloudInitInput input, VmCloudInit config)
    {
        var known = input.Source is BootstrapSource own ? BootstrapRecipe.KnownPackages(own) : new HashSet<string>();
        return new[] { IsDebian(input) ? "openssh-server" : "openssh", "curl", "tar" }
            .Concat(config.Packages)
            .Distinct(StringComparer.Ordinal)
            .Where(p => !known.Contains(p));
    }

    private static IEnumerable<string> RunCommands(CloudInitInput input, VmCloudInit config)
    {
        // Images of our own have sshd enabled; enabling it once more costs seconds under emulation.
        if (input.Source is not BootstrapSource) yield return $"systemctl enable --now {(IsDebian(input) ? "ssh" : "sshd")}";
        if (input.Source is CloneSource { CloudInitClean: true }) yield return "cloud-init clean --machine-id --logs";
        foreach (var command in config.RunCommands) yield return command;
    }

    private static bool IsDebian(CloudInitInput input) =>
        (input.Distro ?? input.Source switch
        {
            BootstrapSource bootstrap => bootstrap.Distro,
            CloudImageSource image => image.BaseUser,
            _ => null,
        }) is "debian" or "ubuntu";

    private static YamlNode? Files(VmCloudInit config)
    {
        var files = config.Files.Select(f => Map(
            ("path", Text(f.Path)),
            ("content", Text(f.Content)),
            ("owner", f.Owner is { } owner ? Text(owner) : null),
            ("permissions", f.Permissions is { } mode ? Text(mode) : null),
            ("encoding", f.Encoding is { Length: > 0 } encoding ? Text(encoding) : null))).ToList();
        if (config.Mirrors.TryGetValue("dnf", out var dnf))
        {
            files.Add(Map(
                ("path", Text("/etc/yum.repos.d/custom.repo")),
                ("content", Text($"[custom]\nname=custom\nbaseurl={dnf}\nenabled=1\n")),
                ("permissions", Text("0644"))));
        }

        if (config.Mirrors.TryGetValue("pacman", out var pacman))
        {
            var server = pacman.Contains('$') ? pacman : pacman.TrimEnd('/') + "/$repo/os/$arch";
            files.Add(Map(("path", Text("/etc/pacman.d/mirrorlist")), ("content", Text($"Server = {server}\n")), ("permissions", Text("0644"))));
        }

        return files.Count > 0 ? List(files) : null;
    }

    private static string? NetworkConfig(YamlMapping? network)
    {
        if (network?["ethernets"] is null) return null;
        var version = network["version"] ?? new YamlScalar("2", IsQuoted: false, network.Position);
        return BlockYaml.Write(Map([("version", version), .. network.Entries.Where(e => e.Key.Text != "version").Select(e => (e.Key.Text, (YamlNode?)e.Value))]));
    }

    private static YamlNode? NullIfEmpty(IEnumerable<string> items)
    {
        var list = items.ToList();
        return list.Count > 0 ? Texts(list) : null;
    }
}
