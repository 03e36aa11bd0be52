using System.Globalization;
using OpenCharly.Foundation;

namespace OpenCharly.Model;

/// <summary>A key of the settings file: which variables come before it, its default, and which values it takes.</summary>
/// <param name="Name">The key, such as <c>engine.run</c>.</param>
/// <param name="Default">Its default; null if it has none.</param>
/// <param name="Description">What it decides.</param>
/// <param name="Variables">Variables that come before the file, the strongest first.</param>
public sealed record SettingKey(string Name, string? Default, string Description, params IReadOnlyList<string> Variables)
{
    private const string HostsGroup = "hosts";

    /// <summary>Every key with a fixed name, in the order of lists; <c>hosts.ALIAS</c> are any number more.</summary>
    public static IReadOnlyList<SettingKey> All { get; } =
    [
        new("engine.build", "auto", "Engine that builds images", "CHARLY_BUILD_ENGINE", "CHARLY_ENGINE_BUILD") { Words = ["auto", "podman", "docker"] },
        new("engine.run", "auto", "Engine that runs containers", "CHARLY_RUN_ENGINE", "CHARLY_ENGINE_RUN") { Words = ["auto", "podman", "docker"] },
        new("engine.rootful", "auto", "How the engine runs as root for machines that are boxes: through sudo (true says the same), or not; auto for sudo with podman", "CHARLY_ENGINE_ROOTFUL") { Words = ["auto", "sudo", "true", "false"] },
        new("run_mode", "auto", "How pods run", "CHARLY_RUN_MODE") { Words = ["auto", "quadlet", "direct"] },
        Flag("auto_enable", "Whether pods start with the session", "CHARLY_AUTO_ENABLE"),
        new("bind_address", "127.0.0.1", "Address that published ports listen on", "CHARLY_BIND_ADDRESS") { Words = ["127.0.0.1", "0.0.0.0"] },
        new("encrypted_storage_path", "~/.local/share/charly/encrypted", "Folder of encrypted volumes", "CHARLY_ENCRYPTED_STORAGE_PATH"),
        new("volumes_path", "~/.local/share/charly/volumes", "Folder of volumes that are plain folders", "CHARLY_VOLUMES_PATH"),
        new("secret_backend", "auto", "Where secrets are kept", "CHARLY_SECRET_BACKEND") { Words = ["auto", "keyring", "kdbx", "config"] },
        new("secret_kdbx_path", null, "KeePass file that keeps secrets, with secret_backend kdbx", "CHARLY_SECRET_KDBX_PATH") { Form = "a path that begins with / or ~/", Normal = FullPath },
        new("keyring_collection_label", null, "Collection of the keyring that new secrets go to; its default one if not set", "CHARLY_KEYRING_COLLECTION_LABEL"),
        Flag("forward_gpg_agent", "Whether shells in pods reach the GnuPG agent", "CHARLY_FORWARD_GPG_AGENT"),
        Flag("forward_ssh_agent", "Whether shells in pods reach the ssh agent", "CHARLY_FORWARD_SSH_AGENT"),
        new("vm.backend", "auto", "Backend of machines whose entity leaves it open", "CHARLY_VM_BACKEND") { Words = ["auto", "libvirt", "qemu", "propolis", "noop"] },
        new("vm.libvirt_uri", null, "Address of libvirt; its session on this machine if not set", "CHARLY_VM_LIBVIRT_URI"),
        new("vm.user_network", "passt", "How libvirt machines reach the network of their user", "CHARLY_VM_USER_NETWORK") { Words = ["passt", "slirp"] },
        new("vm.disk_size", "10G", "Size of disks", "CHARLY_VM_DISK_SIZE") { Normal = text => Size(text, 'B') },
        new("vm.root_size", null, "Size of root file systems; the whole disk if not set", "CHARLY_VM_ROOT_SIZE") { Normal = text => Size(text, 'B') },
        new("vm.ram", "4G", "Memory of machines", "CHARLY_VM_RAM") { Normal = text => Size(text, 'M') },
        new("vm.cpus", "2", "Processors of machines", "CHARLY_VM_CPUS") { Normal = text => Whole(text, 1) },
        new("vm.rootfs", "ext4", "Root file system of machines", "CHARLY_VM_ROOTFS") { Words = ["ext4", "xfs", "btrfs"] },
        new("vm.transport", null, "Where the images of machines come from", "CHARLY_VM_TRANSPORT") { Words = ["registry", "containers-storage", "oci", "oci-archive"] },
        new("propolis.pool", "rpool", "ZFS pool of Propolis machines", "CHARLY_PROPOLIS_POOL"),
        new("propolis.address", null, "Where a Propolis server listens", "CHARLY_PROPOLIS_ADDRESS"),
        new("propolis.root", "/var/lib/vmctl", "Folder of Propolis machines", "CHARLY_PROPOLIS_ROOT"),
        new("keep_images", "0", "How many images of each box a clean-up keeps; 0 for all") { Normal = text => Whole(text, 0) },
        new("keep_eval_runs", "0", "How many folders of check runs a clean-up keeps; 0 for all") { Normal = text => Whole(text, 0) },
    ];

    /// <summary>The words that it takes; empty if it takes more than words.</summary>
    public IReadOnlyList<string> Words { get; private init; } = [];

    /// <summary>Keys in the file, from the outside in.</summary>
    internal IReadOnlyList<string> Path => Name.IndexOf('.', StringComparison.Ordinal) is > 0 and var at ? [Name[..at], Name[(at + 1)..]] : [Name];

    private Func<string, string?>? Normal { get; init; }

    // What it takes, in words, where neither its words nor its default say so.
    private string? Form { get; init; }

    /// <summary>The key of that name.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.SettingUnknown"/>.</exception>
    public static SettingKey Of(string name)
    {
        if (All.FirstOrDefault(k => k.Name == name) is { } known) return known;
        if (name.StartsWith(HostsGroup + ".", StringComparison.Ordinal) && IsAlias(name[(HostsGroup.Length + 1)..])) return Host(name[(HostsGroup.Length + 1)..]);
        throw new CharlyException(
            Errors.SettingUnknown,
            $"there is no setting \"{name}\"",
            Nearest.Suggest(name, All.Select(k => k.Name), "See what there is: charly settings list; hosts.ALIAS names a machine."),
            target: name);
    }

    /// <summary>The key of the ssh address of a machine.</summary>
    internal static SettingKey Host(string alias) => new($"{HostsGroup}.{alias}", null, $"ssh address of {alias}") { Normal = Target };

    /// <summary>The value in its normal form: <c>yes</c> is <c>true</c>, <c>4096M</c> is <c>4G</c>.</summary>
    /// <param name="value">The value as written.</param>
    /// <param name="from">Where it is written, for the message: a variable, a file; null for an argument.</param>
    /// <exception cref="CharlyException"><see cref="Errors.SettingInvalid"/>.</exception>
    public string Check(string value, string? from = null)
    {
        var normal = value.Length == 0 || value.Any(char.IsControl) ? null : Words.Count > 0 ? Word(value) : Normal is null ? value : Normal(value);
        return normal ?? throw new CharlyException(
            Errors.SettingInvalid, $"{Name} can't be \"{value}\"{(from is null ? "" : $", as {from} says")}", $"Use {Takes()}.", target: Name);
    }

    private string Takes() =>
        Words.Count > 0 ? $"{string.Join(", ", Words.SkipLast(1))} or {Words[^1]}"
        : Form is not null ? Form
        : Default is not null ? $"a value like {Default}"
        : Path[0] == HostsGroup ? "an address for ssh, such as ada@host.example.org"
        : "text on one line";

    private string? Word(string value)
    {
        var word = Words.Contains("true") ? value.ToUpperInvariant() switch { "YES" or "ON" or "1" or "TRUE" => "true", "NO" or "OFF" or "0" or "FALSE" => "false", _ => value } : value;
        return Words.Contains(word) ? word : null;
    }

    private static SettingKey Flag(string name, string description, string variable) => new(name, "true", description, variable) { Words = ["true", "false"] };

    private static string? Size(string text, char unit) => ByteSize.TryParse(text, unit, out var size) ? size.ToString() : null;

    private static string? Whole(string text, int least) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least ? number.ToString(CultureInfo.InvariantCulture) : null;

    // The working folder of whoever reads it later is another one.
    private static string? FullPath(string text) => text[0] == '/' || text.StartsWith("~/", StringComparison.Ordinal) ? text : null;

    // It ends up as an argument of ssh, which would take a dash for an option.
    private static string? Target(string text) => text[0] != '-' && !text.Any(char.IsWhiteSpace) ? text : null;

    private static bool IsAlias(string text) => text.Length > 0 && char.IsAsciiLetterOrDigit(text[0]) && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-');
}
