using OpenCharly.Model;
using OpenCharly.Yaml;
using static OpenCharly.Yaml.Nodes;

namespace OpenCharly.Kubernetes;

/// <summary>Storage as a cluster provides it.</summary>
/// <param name="Name">Name.</param>
/// <param name="Size">Quantity.</param>
/// <param name="Class">Storage class; null for the cluster's own default.</param>
/// <param name="AccessMode">Access mode.</param>
/// <param name="Path">Where it is mounted.</param>
internal sealed record ClaimedStorage(string Name, string Size, string? Class, string AccessMode, string Path);

/// <summary>Brings storage and volumes of entry and image together: one entry's volumes feed every target.</summary>
internal static class StoragePlan
{
    private const string VolumeSize = "1Gi";

    /// <summary>All storage: what the entry asks for, then the image's volumes, then further ones of the entry.</summary>
    public static IReadOnlyList<ClaimedStorage> Of(ManifestInput input, List<string> notes)
    {
        var (workload, profile) = (input.Workload, input.Profile);
        var volumes = input.Image.Volumes.Select(v => workload.Volumes.FirstOrDefault(e => e.Name == v.Name) is { } own ? v with { Type = own.Type } : v)
            .Concat(workload.Volumes.Where(e => input.Image.Volumes.All(v => v.Name != e.Name))).DistinctBy(v => v.Name).ToArray();
        var all = new List<ClaimedStorage>();
        foreach (var item in workload.Storage)
        {
            var volume = volumes.FirstOrDefault(v => v.Name == item.Name);
            all.Add(new ClaimedStorage(
                item.Name, item.Size, profile.StorageClass(item.Hint ?? (volume?.Type == "encrypted" ? "encrypted" : null)),
                item.AccessMode ?? profile.DefaultAccessMode ?? "ReadWriteOnce", item.Path ?? volume?.Path ?? "/var/lib/" + item.Name));
        }

        foreach (var volume in volumes.Where(v => workload.Storage.All(s => s.Name != v.Name)))
        {
            if (volume.Path is not { } path)
            {
                notes.Add($"the volume {volume.Name} has no path, so it is left out; give it one with path:");
                continue;
            }

            if (volume.Type == "bind") notes.Add($"the volume {volume.Name} is a folder of this machine for pods; the cluster gives it storage of its own, which begins empty");
            all.Add(new ClaimedStorage(volume.Name, VolumeSize, profile.StorageClass(volume.Type == "encrypted" ? "encrypted" : null), profile.DefaultAccessMode ?? "ReadWriteOnce", path));
        }

        return all;
    }

    /// <summary>A claim as an object of its own.</summary>
    public static YamlMapping Claim(ManifestInput input, ClaimedStorage item, string name) => Map(
        ("apiVersion", Text("v1")),
        ("kind", Text("PersistentVolumeClaim")),
        ("metadata", Map(("name", Text(name)), ("labels", Map(("app", Text(input.Name)))))),
        ("spec", Spec(item)));

    /// <summary>A claim that a StatefulSet makes for each of its pods.</summary>
    public static YamlMapping Template(ClaimedStorage item) => Map(("metadata", Map(("name", Text(item.Name)))), ("spec", Spec(item)));

    private static YamlMapping Spec(ClaimedStorage item) => Map(
        ("accessModes", Texts([item.AccessMode])),
        ("storageClassName", ManifestRenderer.Optional(item.Class)),
        ("resources", Map(("requests", Map(("storage", Text(item.Size)))))));
}
