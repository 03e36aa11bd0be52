using OpenCharly.Foundation;

namespace OpenCharly.Vms.Qemu;

/// <summary>Where distributions put UEFI firmware (vm.md §4).</summary>
internal sealed class Firmware
{
    private static readonly Dictionary<string, string> FamilyOf = new(StringComparer.Ordinal)
    {
        ["fedora"] = "fedora", ["centos"] = "fedora", ["rhel"] = "fedora", ["rocky"] = "fedora", ["alma"] = "fedora", ["almalinux"] = "fedora",
        ["arch"] = "arch", ["manjaro"] = "arch", ["endeavouros"] = "arch", ["cachyos"] = "arch",
        ["debian"] = "debian", ["ubuntu"] = "debian",
    };

    private static readonly (string Family, bool IsSecure, string Code, string Vars)[] Pairs =
    [
        ("fedora", false, "/usr/share/OVMF/OVMF_CODE.fd", "/usr/share/OVMF/OVMF_VARS.fd"),
        ("fedora", false, "/usr/share/edk2/ovmf/OVMF_CODE.fd", "/usr/share/edk2/ovmf/OVMF_VARS.fd"),
        ("fedora", true, "/usr/share/OVMF/OVMF_CODE.secboot.fd", "/usr/share/OVMF/OVMF_VARS.secboot.fd"),
        ("fedora", true, "/usr/share/edk2/ovmf/OVMF_CODE.secboot.fd", "/usr/share/edk2/ovmf/OVMF_VARS.secboot.fd"),
        ("arch", false, "/usr/share/edk2/x64/OVMF_CODE.4m.fd", "/usr/share/edk2/x64/OVMF_VARS.4m.fd"),
        ("arch", false, "/usr/share/edk2-ovmf/x64/OVMF_CODE.fd", "/usr/share/edk2-ovmf/x64/OVMF_VARS.fd"),
        ("arch", true, "/usr/share/edk2/x64/OVMF_CODE.secboot.4m.fd", "/usr/share/edk2/x64/OVMF_VARS.4m.fd"),
        ("arch", true, "/usr/share/edk2-ovmf/x64/OVMF_CODE.secboot.fd", "/usr/share/edk2-ovmf/x64/OVMF_VARS.fd"),
        ("debian", false, "/usr/share/OVMF/OVMF_CODE_4M.fd", "/usr/share/OVMF/OVMF_VARS_4M.fd"),
        ("debian", false, "/usr/share/OVMF/OVMF_CODE.fd", "/usr/share/OVMF/OVMF_VARS.fd"),
        ("debian", true, "/usr/share/OVMF/OVMF_CODE_4M.ms.fd", "/usr/share/OVMF/OVMF_VARS_4M.ms.fd"),
        ("debian", true, "/usr/share/OVMF/OVMF_CODE.secboot.fd", "/usr/share/OVMF/OVMF_VARS.secboot.fd"),
    ];

    private static readonly (string Code, string Vars)[] Arm =
    [
        ("/usr/share/AAVMF/AAVMF_CODE.fd", "/usr/share/AAVMF/AAVMF_VARS.fd"),
        ("/usr/share/edk2/aarch64/QEMU_EFI-pflash.raw", "/usr/share/edk2/aarch64/vars-template-pflash.raw"),
    ];

    private readonly Func<string, bool> _exists;
    private readonly string _release;

    /// <summary>Looks on this machine.</summary>
    public Firmware()
        : this(File.Exists, File.Exists("/etc/os-release") ? File.ReadAllText("/etc/os-release") : "")
    {
    }

    /// <summary>Looks on a machine that a test describes.</summary>
    public Firmware(Func<string, bool> exists, string release) => (_exists, _release) = (exists, release);

    /// <summary>The first pair of code and variable template that is there.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.FirmwareMissing"/> naming the packages.</exception>
    public (string Code, string Vars) Find(string architecture, bool isSecure, string machine)
    {
        var candidates = architecture == "x86_64" ? Candidates(isSecure) : Arm;
        foreach (var pair in candidates)
        {
            if (_exists(pair.Code) && _exists(pair.Vars)) return pair;
        }

        throw new CharlyException(
            Errors.FirmwareMissing,
            $"no UEFI firmware{(isSecure ? " with secure boot" : "")} for {architecture} is installed",
            "Install it: dnf install edk2-ovmf, pacman -S edk2-ovmf, or apt-get install ovmf (on arm64 qemu-efi-aarch64). Or say firmware: bios.",
            target: machine);
    }

    private IEnumerable<(string Code, string Vars)> Candidates(bool isSecure)
    {
        var families = Field("ID").Concat(Field("ID_LIKE")).Select(id => FamilyOf.GetValueOrDefault(id)).OfType<string>().ToArray();
        return Pairs
            .Where(p => p.IsSecure == isSecure && (families.Length == 0 || p.Family == families[0]))
            .Select(p => (p.Code, p.Vars));
    }

    private string[] Field(string name) =>
        _release.Split('\n').FirstOrDefault(l => l.StartsWith(name + "=", StringComparison.Ordinal)) is { } line
            ? line[(name.Length + 1)..].Trim().Trim('"', '\'').Split(' ', StringSplitOptions.RemoveEmptyEntries)
            : [];
}
