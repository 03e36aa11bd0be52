using OpenCharly.Foundation;
using OpenCharly.Model;

namespace OpenCharly.Pods.Volumes;

/// <summary>A volume as it is mounted.</summary>
/// <param name="Name">Name of the volume.</param>
/// <param name="Kind">What backs it.</param>
/// <param name="Source">Name of the engine's volume, or folder of this machine that the container sees.</param>
/// <param name="Path">Path in the container.</param>
public sealed record MountedVolume(string Name, VolumeKind Kind, string Source, string Path)
{
    /// <summary>The folder with the encrypted files; null for all but encrypted volumes.</summary>
    public string? Cipher { get; init; }

    /// <summary>Whether it is a folder of this machine.</summary>
    public bool IsBind => Kind != VolumeKind.Volume;

    /// <summary><c>source:path</c>.</summary>
    public override string ToString() => $"{Source}:{Path}";
}

/// <summary>The volumes of a pod (pod.md §5.2).</summary>
/// <param name="Mounts">All of them: those of the image in its order, then the entry's own.</param>
/// <param name="Warnings">What was left out, and why.</param>
internal sealed record VolumePlan(IReadOnlyList<MountedVolume> Mounts, IReadOnlyList<string> Warnings)
{
    /// <summary>Volumes of the engine.</summary>
    public IEnumerable<MountedVolume> Named => Mounts.Where(m => !m.IsBind);

    /// <summary>Folders of this machine.</summary>
    public IEnumerable<MountedVolume> Binds => Mounts.Where(m => m.IsBind);

    /// <summary>Encrypted volumes.</summary>
    public IEnumerable<MountedVolume> Encrypted => Mounts.Where(m => m.Kind == VolumeKind.Encrypted);

    /// <summary>Resolves volumes.</summary>
    /// <param name="key">The pod.</param>
    /// <param name="image">Volumes of the image.</param>
    /// <param name="choices">The entry's.</param>
    /// <param name="imageHome">Home folder in the image.</param>
    /// <param name="settings">Where folders are.</param>
    /// <param name="environment">Where the user's home is.</param>
    public static VolumePlan Resolve(
        PodKey key, IReadOnlyList<CandyVolume> image, IReadOnlyList<VolumeChoice> choices, string imageHome, PodSettings settings, CharlyEnvironment environment)
    {
        var warnings = new List<string>();
        var mounts = new List<MountedVolume>();
        foreach (var volume in image) mounts.Add(Mount(choices.FirstOrDefault(c => c.Name == volume.Name) ?? new VolumeChoice(volume.Name, VolumeKind.Volume), volume.Path));
        foreach (var choice in choices.Where(c => image.All(v => v.Name != c.Name)))
        {
            if (choice.Path is null) warnings.Add($"the volume \"{choice.Name}\" is not declared by the image and has no path: it is left out");
            else mounts.Add(Mount(choice, choice.Path));
        }

        // A folder of this machine at a path replaces the engine's volume there, and the later of two at one path wins.
        var kept = mounts.Where((m, i) => !mounts.Where((other, j) => j != i && other.Path == m.Path && (other.IsBind == m.IsBind ? j > i : other.IsBind)).Any()).ToArray();
        return new VolumePlan(kept, warnings);

        MountedVolume Mount(VolumeChoice choice, string path)
        {
            var inside = path == "~" ? imageHome : path.StartsWith("~/", StringComparison.Ordinal) ? $"{imageHome}/{path[2..]}" : path.Replace("${HOME}", imageHome, StringComparison.Ordinal).Replace("$HOME", imageHome, StringComparison.Ordinal);
            var host = choice.Host is null ? null : Expand(choice.Host, environment);
            switch (choice.Kind)
            {
                case VolumeKind.Bind:
                    return new MountedVolume(choice.Name, choice.Kind, host ?? System.IO.Path.Combine(settings.VolumesPath, key.Dashed, choice.Name), inside);
                case VolumeKind.Encrypted:
                    var folder = host ?? System.IO.Path.Combine(settings.EncryptedPath, key.Volume(choice.Name));
                    return new MountedVolume(choice.Name, choice.Kind, System.IO.Path.Combine(folder, "plain"), inside) { Cipher = System.IO.Path.Combine(folder, "cipher") };
                default:
                    return new MountedVolume(choice.Name, choice.Kind, key.Volume(choice.Name), inside);
            }
        }
    }

    /// <summary>A path of this machine with <c>~</c>, <c>$HOME</c> and <c>${HOME}</c> replaced.</summary>
    internal static string Expand(string path, CharlyEnvironment environment)
    {
        foreach (var token in (string[])["${HOME}", "$HOME"])
        {
            if (path == token || path.StartsWith(token + "/", StringComparison.Ordinal)) return environment.Home + path[token.Length..];
        }

        return environment.Resolve(path).TrimEnd('/') is { Length: > 0 } resolved ? resolved : "/";
    }
}
