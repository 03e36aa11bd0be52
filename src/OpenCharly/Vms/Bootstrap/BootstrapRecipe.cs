using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using OpenCharly.Foundation;
using OpenCharly.Model;

namespace OpenCharly.Vms.Bootstrap;

/// <summary>Everything that decides what a bootstrapped image holds; two equal recipes share one cached image.</summary>
internal sealed record BootstrapRecipe
{
    /// <summary>Suite when the entity names none: Debian's stable release.</summary>
    public const string DefaultSuite = "trixie";

    private const string DefaultComponent = "main";

    /// <summary>
    /// Kernel arguments of every image: few lines on a serial console that exists in every backend, and another boot
    /// ten seconds after the kernel met a fault of its own, because nobody sits in front of it.
    /// </summary>
    private const string BaseKernelArguments = "ro quiet oops=panic panic=10 console=tty0 console=ttyS0,115200n8";

    /// <summary>
    /// What a machine needs to boot, to be reached over ssh, to be configured by cloud-init (networkd is its renderer), to
    /// grow its disk (sfdisk, resize2fs) and to be worked with: rsync for <c>vm sync</c>, zstd and tar for transfers.
    /// </summary>
    private static readonly string[] BasePackages =
    [
        "ca-certificates", "cloud-guest-utils", "cloud-init", "curl", "dbus", "e2fsprogs", "fdisk", "initramfs-tools", "iproute2",
        "libpam-systemd", "netbase", "openssh-server", "qemu-guest-agent", "rsync", "sudo",
        "systemd-resolved", "systemd-sysv", "systemd-timesyncd", "tzdata", "udev", "zstd",
    ];

    private BootstrapRecipe()
    {
    }

    /// <summary>Suite.</summary>
    public required string Suite { get; init; }

    /// <summary>Mirror of the entity; null for the builder's own default.</summary>
    public required string? Mirror { get; init; }

    /// <summary>Variant of the minimal system.</summary>
    public required string Variant { get; init; }

    /// <summary>All packages to install on top of the variant, sorted.</summary>
    public required IReadOnlyList<string> Packages { get; init; }

    /// <summary>Kernel command line without the root device.</summary>
    public required string KernelArguments { get; init; }

    /// <summary>Components of the archive.</summary>
    public IReadOnlyList<string> Components { get; init; } = [DefaultComponent];

    /// <summary>Whether it is for machines that boot by UEFI, with secure boot or without; else for a BIOS.</summary>
    public required bool IsUefi { get; init; }

    /// <summary>Identity of the image: a digest of all inputs and of the scripts that build it, 64 hex digits.</summary>
    public string Key
    {
        get
        {
            // The usual components are not named, so that images from before there were others keep their identity.
            string[] components = Components is [DefaultComponent] ? [] : [string.Join(',', Components)];
            var inputs = new[] { Suite, Mirror ?? "", Variant, string.Join(',', Packages), KernelArguments }.Concat(components).Concat(BootstrapScripts.All).Concat(IsUefi ? BootstrapScripts.Uefi : []);
            return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\0', inputs))));
        }
    }

    /// <summary>The arguments after the options that tell mmdebstrap where packages come from.</summary>
    /// <remarks>Without a mirror mmdebstrap adds the updates and security suites by itself.</remarks>
    public IReadOnlyList<string> Sources => Mirror is null
        ? []
        : Suite is "sid" or "unstable"
            ? [$"deb {Mirror} {Suite} {string.Join(' ', Components)}"]
            : [$"deb {Mirror} {Suite} {string.Join(' ', Components)}", $"deb {Mirror} {Suite}-updates {string.Join(' ', Components)}"];

    /// <summary>Names of the packages that an image made from a source holds for certain.</summary>
    public static IReadOnlySet<string> KnownPackages(BootstrapSource source) =>
        new HashSet<string>([.. BasePackages, "tar", .. source.Packages], StringComparer.Ordinal);

    /// <summary>The recipe of a source.</summary>
    /// <param name="source">The source.</param>
    /// <param name="firmware">What the machine boots by, as in the entity; null for a BIOS.</param>
    /// <exception cref="CharlyException"><see cref="Errors.VmValidation"/> for anything that can't be built on this machine.</exception>
    public static BootstrapRecipe From(BootstrapSource source, string? firmware = null)
    {
        Require(source.Builder == "debootstrap", $"the builder {source.Builder} can't run on this machine itself", "Use builder: debootstrap.");
        Require(source.BuilderImage is null or "host", $"the builder image {source.BuilderImage} is not used here", "Leave builder_image out: the image is then built on this machine, without a container.");
        Require(source.Distro == "debian", $"the distribution {source.Distro} can't be bootstrapped", "Use distro: debian, or a cloud_image source.");
        Require(source.RootFs == "ext4", $"the root file system {source.RootFs} can't be filled without mounting it", "Use rootfs: ext4.");
        var architecture = source.Architecture ?? HostArchitecture;
        Require(
            architecture is "amd64" or "x86_64" && HostArchitecture == "amd64",
            $"a disk for {architecture} can't be made on {HostArchitecture}",
            "Only amd64 disks are bootstrapped, on amd64 machines; use a cloud_image source for others.");
        Require(IsWord(source.Suite ?? DefaultSuite), $"\"{source.Suite}\" is no suite", "Name a suite such as bookworm or trixie.");
        Require(source.Mirror is null || IsWord(source.Mirror), $"\"{source.Mirror}\" is no mirror", "Give one address, such as http://mirror.example.org/debian.");
        Require(IsWord(source.Variant), $"\"{source.Variant}\" is no variant", "Use minbase.");
        foreach (var component in source.Components) Require(component.Length > 0 && component.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.'), $"\"{component}\" is no component", "Name components such as main and contrib.");
        foreach (var package in source.Packages.Concat(source.KernelPackage is { } kernel ? [kernel] : []))
        {
            Require(Names.IsPackage(package), $"\"{package}\" is no package name", "Correct the list of packages.");
        }

        foreach (var argument in source.KernelArgs)
        {
            Require(IsWord(argument) && !argument.Contains('\''), $"the kernel argument \"{argument}\" holds a blank, quote or control character", "Give one argument a list item, without quotes.");
        }

        return new BootstrapRecipe
        {
            Suite = source.Suite ?? DefaultSuite,
            Mirror = source.Mirror,
            Variant = source.Variant,
            Packages = [.. BasePackages.Append(source.KernelPackage ?? Kernel(source.Suite)).Concat(source.Packages).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)],
            KernelArguments = string.Join(' ', source.KernelArgs.Prepend(BaseKernelArguments)),
            Components = source.Components.Count > 0 ? source.Components : [DefaultComponent],
            IsUefi = firmware is not null and not "bios",
        };
    }

    // The cloud kernel is a third of the general one, but before trixie it has no driver for the SATA controller that the
    // seed is attached to.
    private static string Kernel(string? suite) => suite is "bookworm" or "bullseye" ? "linux-image-amd64" : "linux-image-cloud-amd64";

    private static string HostArchitecture => RuntimeInformation.OSArchitecture switch
    {
        Architecture.X64 => "amd64",
        Architecture.Arm64 => "arm64",
        var other => other.ToString().ToLowerInvariant(),
    };

    private static bool IsWord(string text) => text.Length > 0 && text.All(c => c is > ' ' and < '\x7f');

    private static void Require(bool condition, string message, string help)
    {
        if (!condition) throw new CharlyException(Errors.VmValidation, message, help);
    }
}
