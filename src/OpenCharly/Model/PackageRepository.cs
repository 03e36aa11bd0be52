namespace OpenCharly.Model;

/// <summary>A package repository as a candy describes it (candy-and-plan.md §3.4).</summary>
public sealed record PackageRepository
{
    /// <summary>Short name; empty for a release package or ppa.</summary>
    public string Name { get; init; } = "";

    /// <summary>Base address, or the address of a <c>.repo</c> file.</summary>
    public string? Url { get; init; }

    /// <summary>Address of the signing key.</summary>
    public string? Key { get; init; }

    /// <summary>Where the key ring goes (deb).</summary>
    public string? SignedBy { get; init; }

    /// <summary>Suite (deb), default <c>stable</c>.</summary>
    public string? Suite { get; init; }

    /// <summary>Components (deb), default <c>main</c>.</summary>
    public string? Components { get; init; }

    /// <summary>Personal package archive (Ubuntu).</summary>
    public string? Ppa { get; init; }

    /// <summary>Address of a release package (rpm); may hold shell expansions, which the target expands.</summary>
    public string? ReleasePackage { get; init; }

    /// <summary>Whether signatures are checked (rpm), default true.</summary>
    public bool? GpgCheck { get; init; }

    /// <summary>Server (pac).</summary>
    public string? Server { get; init; }

    /// <summary>Signature level (pac).</summary>
    public string? SigLevel { get; init; }
}
