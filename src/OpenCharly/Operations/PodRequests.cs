using OpenCharly.Foundation;
using OpenCharly.Pods.Quadlets;
using OpenCharly.Pods.Volumes;

namespace OpenCharly.Operations;

/// <summary>Which pod.</summary>
public record PodRequest
{
    /// <summary>Deploy key, or its base.</summary>
    public required string Name { get; init; }

    /// <summary>Instance; null if the name says it all.</summary>
    public string? Instance { get; init; }
}

/// <summary>What <c>ConfigurePod</c> works from: choices that are kept in the entry, and how to go about it.</summary>
public sealed record ConfigurePodRequest : PodRequest
{
    /// <summary>Version of the box, for this run.</summary>
    public string? Tag { get; init; }

    /// <summary>Box of a pod that has no entry yet; the base of its key if null.</summary>
    public string? Box { get; init; }

    /// <summary>Variables <c>NAME=value</c>.</summary>
    public IReadOnlyList<string> Environment { get; init; } = [];

    /// <summary>Forget the entry's variables first.</summary>
    public bool Clean { get; init; }

    /// <summary>File of variables.</summary>
    public string? EnvironmentFile { get; init; }

    /// <summary>Pins <c>HOST:CONTAINER</c>.</summary>
    public IReadOnlyList<string> Ports { get; init; } = [];

    /// <summary>Volumes <c>name:type[:path]</c>.</summary>
    public IReadOnlyList<string> Volumes { get; init; } = [];

    /// <summary>Bind volumes <c>name</c> or <c>name=/path</c>.</summary>
    public IReadOnlyList<string> Binds { get; init; } = [];

    /// <summary>Encrypted volumes.</summary>
    public IReadOnlyList<string> Encrypts { get; init; } = [];

    /// <summary>Leave encrypted volumes mounted.</summary>
    public bool KeepMounted { get; init; }

    /// <summary>Ask for missing secrets instead of making them up.</summary>
    public bool ManualPasswords { get; init; }

    /// <summary>Image secrets to renew; <c>all</c> for every one.</summary>
    public IReadOnlyList<string> RefreshSecrets { get; init; } = [];

    /// <summary>Hard memory limit.</summary>
    public string? MemoryMax { get; init; }

    /// <summary>Memory above which the kernel throttles.</summary>
    public string? MemoryHigh { get; init; }

    /// <summary>Swap limit.</summary>
    public string? MemorySwapMax { get; init; }

    /// <summary>Processors.</summary>
    public string? Cpus { get; init; }

    /// <summary>How files of the image get into volumes; null for not at all.</summary>
    public SeedMode? Seed { get; init; } = SeedMode.Initial;

    /// <summary>Image whose files are taken instead.</summary>
    public string? DataFrom { get; init; }

    /// <summary>Write the quadlets of all other configured pods anew.</summary>
    public bool UpdateAll { get; init; }

    /// <summary>SSH key for the pod: <c>auto</c>, <c>generate</c>, <c>none</c> or a file; null for <c>auto</c> where the image takes one.</summary>
    public string? SshKey { get; init; }

    /// <summary>Sidecars by the names of their templates.</summary>
    public IReadOnlyList<string> Sidecars { get; init; } = [];

    /// <summary>Look for devices of this machine.</summary>
    public bool Autodetect { get; init; } = true;

    /// <summary>Build the image of the box first.</summary>
    public bool Build { get; init; }

    /// <summary>Write nothing, and say what would be written.</summary>
    public bool DryRun { get; init; }

    /// <summary>The image as it will be once it is built; what is here counts if null.</summary>
    internal Boxes.BoxImage? Image { get; init; }

    /// <summary>Whether a dry run is the rehearsal of what follows: an image is handed over from the engine that builds, and nothing is told that will be told then.</summary>
    internal bool IsRehearsal { get; init; }

    /// <summary>Asks the user for something secret; null where nobody can be asked.</summary>
    public Func<string, CancellationToken, Task<string?>>? Ask { get; init; }
}

/// <summary>A pod as it is configured.</summary>
/// <param name="Name">Deploy key.</param>
/// <param name="Image">Image that it runs.</param>
/// <param name="Mode"><c>quadlet</c> or <c>direct</c>.</param>
/// <param name="Container">Name of its container.</param>
/// <param name="Ports">Published ports.</param>
/// <param name="Files">Files that were written, or would be: path and text.</param>
/// <param name="IsDryRun">Whether nothing was written.</param>
public sealed record PodConfiguration(string Name, string Image, string Mode, string Container, IReadOnlyList<string> Ports, IReadOnlyList<UnitFile> Files, bool IsDryRun)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Name} {Image}";
}
