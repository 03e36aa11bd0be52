namespace OpenCharly.Vms.Templates;

/// <summary>How a template's kernel and root file system are made (vm.md §10).</summary>
public abstract record TemplateBuilder
{
    private protected TemplateBuilder()
    {
    }

    /// <summary>Kind, as in <c>template.json</c>: <c>command</c>, <c>debootstrap</c>, <c>nix</c>.</summary>
    public abstract string Kind { get; }

    /// <inheritdoc/>
    public sealed override string ToString() => Kind;
}

/// <summary>
/// Command lines of the author's own. Each runs in <c>/bin/sh</c>, in the template's source folder, with <c>OUT</c>,
/// <c>TEMPLATE_ID</c>, <c>PROFILE</c>, <c>ROLE</c>, <c>VCPUS</c> and <c>MEM_MIB</c> set; together they leave
/// <c>vmlinux</c> and <c>rootfs.ext4</c> in <c>$OUT</c>.
/// </summary>
/// <param name="Run">The command lines, in order.</param>
/// <param name="Env">Further variables.</param>
public sealed record CommandTemplateBuilder(IReadOnlyList<string> Run, IReadOnlyDictionary<string, string> Env) : TemplateBuilder
{
    /// <inheritdoc/>
    public override string Kind => "command";
}

/// <summary>A Debian system from packages, made on this machine.</summary>
public sealed record DebootstrapTemplateBuilder : TemplateBuilder
{
    /// <inheritdoc/>
    public override string Kind => "debootstrap";

    /// <summary>Suite; null for Debian's stable release.</summary>
    public string? Suite { get; init; }

    /// <summary>Mirror; null for this machine's own.</summary>
    public string? Mirror { get; init; }

    /// <summary>Components of the archive; empty for <c>main</c>.</summary>
    public IReadOnlyList<string> Components { get; init; } = [];

    /// <summary>Packages beyond what a machine needs to boot and be reached.</summary>
    public IReadOnlyList<string> Packages { get; init; } = [];

    /// <summary>Package of the kernel; null for the one that fits virtual machines.</summary>
    public string? KernelPackage { get; init; }
}

/// <summary>A Nix flake, by the <c>nix</c> program.</summary>
public sealed record NixTemplateBuilder : TemplateBuilder
{
    /// <inheritdoc/>
    public override string Kind => "nix";
}
