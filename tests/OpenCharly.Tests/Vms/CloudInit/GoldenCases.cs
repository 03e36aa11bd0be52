using System.Runtime.CompilerServices;
using OpenCharly.Model;
using OpenCharly.Vms.CloudInit;
using OpenCharly.Vms.Keys;
using OpenCharly.Yaml;

namespace OpenCharly.Tests.Vms.CloudInit;

/// <summary>Inputs whose user-data stands in a golden file; the live tests feed the same files to cloud-init itself.</summary>
internal static class GoldenCases
{
    public const string Key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBkK0uw7qkqVbbWs0sGbLsM3g8Sv2ZrT6H0m2hQ3Yw5a someone@example.org";

    public static GuestHostKey HostKey { get; } = new(
        "-----BEGIN OPENSSH PRIVATE KEY-----\nbm90IGEgcmVhbCBrZXk=\n-----END OPENSSH PRIVATE KEY-----\n",
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGuest00000000000000000000000000000000000000 charly-guest");

    public static string Folder([CallerFilePath] string here = "") => Path.Combine(Path.GetDirectoryName(here)!, "Golden");

    public static CloudInitInput CloudImage { get; } = new()
    {
        MachineName = "web",
        InstanceId = "7d1c1d6e-36a1-4f0c-9f5e-0c7c8e0f1a2b",
        Source = new CloudImageSource { Url = "https://images.example.org/debian.qcow2", BaseUser = "debian" },
        SshUser = "debian",
        PublicKey = Key,
        HostKey = HostKey,
    };

    public static CloudInitInput Bootstrap { get; } = CloudImage with
    {
        Source = new BootstrapSource { Builder = "debootstrap", Distro = "debian", Packages = ["nginx"] },
        SshUser = "charly",
    };

    public static CloudInitInput Fedora { get; } = CloudImage with
    {
        Source = new CloudImageSource { Path = "/images/fedora.qcow2", BaseUser = "fedora" },
        SshUser = "fedora",
        HostKey = null,
        PublicKey = null,
        Config = new VmCloudInit
        {
            Mirrors = new Dictionary<string, string> { ["dnf"] = "http://mirror.example.org/fedora", ["pacman"] = "http://mirror.example.org/arch/" },
        },
    };

    public static CloudInitInput Everything { get; } = CloudImage with
    {
        SshUser = "ops",
        Config = new VmCloudInit
        {
            Hostname = "web.example.org",
            Timezone = "Europe/Vienna",
            Locale = "C.UTF-8",
            Users =
            [
                new CloudInitUser("ops", "true", ["adm", "sudo"], "/bin/bash", true),
                new CloudInitUser("guest", null, [], null, null),
            ],
            Packages = ["curl", "ripgrep"],
            RunCommands = ["echo 'it''s: done' # really", "printf '%s\\n' a\nsync\n"],
            BootCommands = ["yes"],
            Files =
            [
                new CloudInitFile("/etc/motd", "Welcome\n\n  to \"web\"\n\n", "root:root", "0644", ""),
                new CloudInitFile("/opt/blob", "AAEC", null, "0600", "b64"),
            ],
            Network = (YamlMapping)YamlReader.Read("{ethernets: {all: {match: {name: 'en*'}, dhcp4: true, mtu: 1400, addresses: ['fd00::2/64']}}}", "charly.yml")[0],
            Mirrors = new Dictionary<string, string> { ["apt"] = "http://mirror.example.org/debian" },
            Extra = "#cloud-config\npackages: [htop]\nhostname: over.example.org\napt: {http_proxy: 'http://proxy.example.org:3128'}\nswap: {size: 0x10, filename: /swap}\n",
        },
    };

    public static IReadOnlyDictionary<string, Func<CloudInitDocuments>> All { get; } = new Dictionary<string, Func<CloudInitDocuments>>
    {
        ["cloud-image"] = () => CloudInitRenderer.Render(CloudImage),
        ["bootstrap"] = () => CloudInitRenderer.Render(Bootstrap),
        ["everything"] = () => CloudInitRenderer.Render(Everything),
        ["fedora-mirrors"] = () => CloudInitRenderer.Render(Fedora),
        ["root-login"] = () => CloudInitRenderer.Render(Bootstrap with { SshUser = "root" }),
        ["clone"] = () => CloudInitRenderer.Render(CloudImage with { Source = new CloneSource("web", "clean", true), Distro = "debian", SshUser = "charly" }),
        ["vmfile"] = () => CloudInitRenderer.Render(new VmFileCloudInitInput { MachineName = "lab", InstanceId = "lab-0badcafe", PublicKey = Key, HostKey = HostKey }),
    };
}
