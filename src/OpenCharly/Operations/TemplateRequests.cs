namespace OpenCharly.Operations;

/// <summary>What <c>CreateTemplate</c> works from.</summary>
public sealed record CreateTemplateRequest
{
    /// <summary>Name of the template; of several, what their names begin with.</summary>
    public required string Name { get; init; }

    /// <summary>Where its sources are: a folder, or a reference <c>x:y</c>.</summary>
    public string FlakeRef { get; init; } = ".";

    /// <summary>Profile.</summary>
    public string Profile { get; init; } = "default";

    /// <summary>Role.</summary>
    public string Role { get; init; } = "worker";

    /// <summary>Several roles, for a template each, called <c>NAME-ROLE</c>; none for one template.</summary>
    public IReadOnlyList<string> Roles { get; init; } = [];

    /// <summary>Processors of its machines.</summary>
    public int Vcpus { get; init; } = 2;

    /// <summary>Memory of its machines, such as <c>2G</c>; MiB without a unit.</summary>
    public string Memory { get; init; } = "1024";

    /// <summary>Size of a blank second disk, such as <c>10G</c>; MiB without a unit; <c>0</c> for none.</summary>
    public string DataDisk { get; init; } = "0";

    /// <summary>Builder: <c>command debootstrap nix</c>; if null, the one that the other options belong to, else Nix.</summary>
    public string? Builder { get; init; }

    /// <summary>Command lines of the builder <c>command</c>.</summary>
    public IReadOnlyList<string> Run { get; init; } = [];

    /// <summary>Its variables, <c>NAME=VALUE</c>.</summary>
    public IReadOnlyList<string> Env { get; init; } = [];

    /// <summary>Suite of the builder <c>debootstrap</c>.</summary>
    public string? Suite { get; init; }

    /// <summary>Its mirror.</summary>
    public string? Mirror { get; init; }

    /// <summary>Its components.</summary>
    public IReadOnlyList<string> Components { get; init; } = [];

    /// <summary>Its packages.</summary>
    public IReadOnlyList<string> Packages { get; init; } = [];

    /// <summary>Its kernel package.</summary>
    public string? KernelPackage { get; init; }
}

/// <summary>What <c>BuildTemplate</c> works from.</summary>
public sealed record BuildTemplateRequest
{
    /// <summary>Name of the template.</summary>
    public required string Name { get; init; }

    /// <summary>Let the builder forget what it kept.</summary>
    public bool Force { get; init; }

    /// <summary>TOML file with variants, each of which is made and built; null to build the template itself.</summary>
    public string? Config { get; init; }
}
