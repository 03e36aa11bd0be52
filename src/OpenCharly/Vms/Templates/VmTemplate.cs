using System.Security.Cryptography;
using System.Text;

namespace OpenCharly.Vms.Templates;

/// <summary>A template: what machines of one kind are built from, and its revisions on this machine (vm.md §10).</summary>
public sealed record VmTemplate
{
    /// <summary>Name, also of its folder.</summary>
    public required string Name { get; init; }

    /// <summary>Its folder.</summary>
    public string Path { get; init; } = "";

    /// <summary>Where its sources are: a folder of this machine, absolute, or a reference <c>x:y</c>.</summary>
    public string FlakeRef { get; init; } = ".";

    /// <summary>Which of several outputs of the sources is meant.</summary>
    public string Profile { get; init; } = "default";

    /// <summary>What its machines do.</summary>
    public string Role { get; init; } = "worker";

    /// <summary>Processors of its machines.</summary>
    public int Vcpus { get; init; } = 2;

    /// <summary>Memory of its machines, in MiB.</summary>
    public int MemMib { get; init; } = 1024;

    /// <summary>Size of a blank second disk, in MiB; 0 without one.</summary>
    public int DataDiskMib { get; init; }

    /// <summary>How it is built; null for the Nix flake that its sources then are.</summary>
    public TemplateBuilder? Builder { get; init; }

    /// <summary>When it was made; null if only its folder is there.</summary>
    public DateTimeOffset? CreatedAt { get; init; }

    /// <summary>When its description was last written.</summary>
    public DateTimeOffset? UpdatedAt { get; init; }

    /// <summary>Revision that new machines are made of; null if there is none.</summary>
    public string? Current { get; init; }

    /// <summary>Revisions on this machine, oldest first.</summary>
    public IReadOnlyList<TemplateRevision> Revisions { get; init; } = [];

    /// <summary>Whether it has a description; one without was only initialised.</summary>
    public bool IsDefined => CreatedAt is not null;
}

/// <summary>One built revision of a template: kernel, root file system and what they were built from.</summary>
public sealed record TemplateRevision
{
    /// <summary>The template.</summary>
    public required string Template { get; init; }

    /// <summary>Its name: what the builder says, else a digest of its files.</summary>
    public required string Revision { get; init; }

    /// <summary>Its folder.</summary>
    public string Path { get; init; } = "";

    /// <summary>Whether new machines are made of it.</summary>
    public bool IsCurrent { get; init; }

    /// <summary>Where the sources were.</summary>
    public string FlakeRef { get; init; } = "";

    /// <summary>SHA-256 of the sources' <c>flake.lock</c>, hex; the revision where there is none.</summary>
    public string FlakeLockHash { get; init; } = "";

    /// <summary>When it was built.</summary>
    public DateTimeOffset BuiltAt { get; init; }

    /// <summary>Profile.</summary>
    public string Profile { get; init; } = "default";

    /// <summary>Role.</summary>
    public string Role { get; init; } = "worker";

    /// <summary>Processors of its machines.</summary>
    public int Vcpus { get; init; } = 2;

    /// <summary>Memory of its machines, in MiB.</summary>
    public int MemMib { get; init; } = 1024;

    /// <summary>Size of a blank second disk, in MiB; 0 without one.</summary>
    public int DataDiskMib { get; init; }

    /// <summary>File name of the kernel.</summary>
    public string Kernel { get; init; } = TemplateFiles.Kernel;

    /// <summary>File name of the root file system, a raw ext4 image without partitions.</summary>
    public string RootFs { get; init; } = TemplateFiles.RootFs;

    /// <summary>File name of the initial RAM disk; null without one.</summary>
    public string? Initrd { get; init; }

    /// <summary>What two builds with equal results agree in: SHA-256 of <c>lock:profile:role</c>, hex.</summary>
    public string CacheKey => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{FlakeLockHash}:{Profile}:{Role}")));
}

/// <summary>How a revision's machines boot: what <c>fc-base.json</c> says.</summary>
/// <param name="BootArgs">Kernel command line, without the root device.</param>
/// <param name="Kernel">File name of the kernel.</param>
/// <param name="Initrd">File name of the initial RAM disk; null without one.</param>
/// <param name="RootFs">File name of the root file system.</param>
public sealed record TemplateBoot(string BootArgs, string Kernel, string? Initrd, string RootFs)
{
    /// <summary>Kernel command line where a builder gives none.</summary>
    public const string DefaultArgs = "console=ttyS0 reboot=k panic=1 net.ifnames=0";
}

/// <summary>A file of a revision, compared with its checksum.</summary>
/// <param name="Name">File name.</param>
/// <param name="Expected">SHA-256 that it should have, hex.</param>
/// <param name="Actual">SHA-256 that it has; null if it is not there.</param>
public sealed record TemplateFileCheck(string Name, string Expected, string? Actual)
{
    /// <summary>Whether it is what it should be.</summary>
    public bool IsIntact => Expected == Actual;
}

/// <summary>A revision, compared with its checksums.</summary>
/// <param name="Template">The template.</param>
/// <param name="Revision">The revision.</param>
/// <param name="Files">Its files, by name.</param>
public sealed record TemplateVerification(string Template, string Revision, IReadOnlyList<TemplateFileCheck> Files)
{
    /// <summary>Whether all files are what they should be.</summary>
    public bool IsIntact => Files.All(f => f.IsIntact);
}

/// <summary>File names of a revision (vm.md §10).</summary>
internal static class TemplateFiles
{
    public const string Kernel = "vmlinux";
    public const string Initrd = "initrd";
    public const string RootFs = "rootfs.ext4";
    public const string Boot = "fc-base.json";
    public const string Revision = "revision.json";
    public const string Checksums = "checksums.json";
    public const string Spec = "template.json";
}
