using OpenCharly.Plans;

namespace OpenCharly.Operations;

/// <summary>Tells how a program is installed on a distribution.</summary>
/// <param name="os">What os-release says; null on macOS.</param>
internal sealed class HostPackages(OsRelease? os)
{
    // Order: deb, rpm, pac, brew. Null where the distribution has no package of it.
    private static readonly Dictionary<string, string?[]> Packages = new(StringComparer.Ordinal)
    {
        ["bash"] = ["bash", "bash", "bash", "bash"],
        ["ssh"] = ["openssh-client", "openssh-clients", "openssh", null],
        ["ssh-keygen"] = ["openssh-client", "openssh-clients", "openssh", null],
        ["sudo"] = ["sudo", "sudo", "sudo", null],
        ["git"] = ["git", "git", "git", "git"],
        ["podman"] = ["podman", "podman", "podman", "podman"],
        ["docker"] = ["docker.io", "moby-engine", "docker", null],
        ["qemu-system-x86_64"] = ["qemu-system-x86", "qemu-kvm", "qemu-base", "qemu"],
        ["qemu-system-aarch64"] = ["qemu-system-arm", "qemu-kvm", "qemu-system-aarch64", "qemu"],
        ["qemu-img"] = ["qemu-utils", "qemu-img", "qemu-img", "qemu"],
        ["virsh"] = ["libvirt-clients", "libvirt-client", "libvirt", "libvirt"],
        ["xorriso"] = ["xorriso", "xorriso", "libisoburn", "xorriso"],
        ["mmdebstrap"] = ["mmdebstrap", "mmdebstrap", null, null],
        ["gocryptfs"] = ["gocryptfs", "gocryptfs", "gocryptfs", null],
        ["fusermount3"] = ["fuse3", "fuse3", "fuse3", null],
        ["gpg"] = ["gnupg", "gnupg2", "gnupg", "gnupg"],
        ["secret-tool"] = ["libsecret-tools", "libsecret", "libsecret", "libsecret"],
        ["keepassxc-cli"] = ["keepassxc", "keepassxc", "keepassxc", null],
        ["tailscale"] = [null, "tailscale", "tailscale", "tailscale"],
        ["cloudflared"] = [null, null, "cloudflared", "cloudflared"],
    };

    /// <summary>The command that installs a program, or in words what to do.</summary>
    public string Hint(string program)
    {
        var (column, command) = Family() switch
        {
            "deb" => (0, "sudo apt-get install "),
            "rpm" => (1, "sudo dnf install "),
            "pac" => (2, "sudo pacman -S "),
            "brew" => (3, "brew install "),
            _ => (-1, ""),
        };
        return column >= 0 && Packages.TryGetValue(program, out var names) && names[column] is { } package
            ? command + package
            : $"Install the package that holds {program}, or put it on PATH.";
    }

    private string? Family()
    {
        if (os is null) return "brew";
        foreach (var word in (string[])[os.Id, .. os.Like])
        {
            switch (word)
            {
                case "debian" or "ubuntu":
                    return "deb";
                case "fedora" or "rhel" or "centos":
                    return "rpm";
                case "arch" or "archarm" or "cachyos":
                    return "pac";
            }
        }

        return null;
    }
}
