using System.Globalization;
using System.Text.Json;
using OpenCharly.Foundation;

namespace OpenCharly.Boxes;

/// <summary>Finds images in the storage of one engine (pod.md §3). Nothing is ever pulled here.</summary>
/// <param name="engine">The engine.</param>
public sealed class LocalImages(ContainerEngine engine)
{
    /// <summary>All images, in no particular order.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.ToolMissing"/>, <see cref="Errors.ImageEngine"/>.</exception>
    public async Task<IReadOnlyList<LocalImage>> ListAsync(CancellationToken cancellationToken = default)
    {
        // docker lists no labels, so there each image is asked for them.
        if (engine.IsPodman)
        {
            var listed = await engine.RunAsync(["images", "--format", "json"], cancellationToken).ConfigureAwait(false);
            return listed.Succeeded ? Together(EngineJson.Images(listed.StandardOutput)) : throw engine.Refused("list its images", listed);
        }

        var ids = await engine.RunAsync(["images", "--quiet", "--no-trunc"], cancellationToken).ConfigureAwait(false);
        if (!ids.Succeeded) throw engine.Refused("list its images", ids);
        string[] all = [.. ids.StandardOutput.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Distinct()];
        if (all.Length == 0) return [];
        var inspected = await engine.RunAsync(["image", "inspect", .. all], cancellationToken).ConfigureAwait(false);
        return inspected.Succeeded ? EngineJson.Images(inspected.StandardOutput) : throw engine.Refused("inspect its images", inspected);
    }

    // podman lists an image once for each of its names, and each time with all of them.
    private static IReadOnlyList<LocalImage> Together(IReadOnlyList<LocalImage> listed) =>
        [.. listed.GroupBy(i => i.Id, StringComparer.Ordinal).Select(g => g.First() with { References = [.. g.SelectMany(i => i.References).Distinct(StringComparer.Ordinal)] })];

    /// <summary>The image of a reference that is taken as it is; null if it is not in storage.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.ToolMissing"/>, <see cref="Errors.ImageEngine"/>.</exception>
    public async Task<LocalImage?> FindAsync(string reference, CancellationToken cancellationToken = default)
    {
        var found = await engine.RunAsync(["image", "inspect", ImageName.Parse(reference).Text], cancellationToken).ConfigureAwait(false);
        if (found.Succeeded) return EngineJson.Images(found.StandardOutput) is [var image, ..] ? image : null;
        var isUnknown = found.StandardError.Contains("no such image", StringComparison.OrdinalIgnoreCase) || found.StandardError.Contains("image not known", StringComparison.OrdinalIgnoreCase);
        return isUnknown ? null : throw engine.Refused($"inspect {reference}", found);
    }

    /// <summary>
    /// The image that a name means (pod.md §3.1): a full reference as it is; of a short name the newest by the version that the
    /// image says, then by its tag.
    /// </summary>
    /// <param name="name">Full reference, name of a box, or <c>NAME:TAG</c>.</param>
    /// <param name="tag">Tag that it must have; any if null.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="CharlyException"><see cref="Errors.ImageNotLocal"/>, <see cref="Errors.ImageMetadata"/>,
    /// <see cref="Errors.ImageAmbiguous"/>, <see cref="Errors.ImageReference"/>.</exception>
    public async Task<BoxImage> ResolveAsync(string name, string? tag = null, CancellationToken cancellationToken = default)
    {
        var wanted = ImageName.Parse(name);
        switch (wanted.Form)
        {
            case ImageForm.Repository:
                throw new CharlyException(
                    Errors.ImageReference, $"\"{name}\" is a reference to a repository, not to an image", $"Run 'charly box pull {name}' first, then name the box.", target: name);
            case ImageForm.Full:
                var found = await FindAsync(name, cancellationToken).ConfigureAwait(false) ?? throw NotLocal(name);
                return Typed(found, name);
            default:
                var images = await ListAsync(cancellationToken).ConfigureAwait(false);
                return ImageRanking.Newest(images, wanted.Name, tag ?? wanted.Tag) is { } newest ? Typed(newest.Image, newest.Reference) : throw Missing(images, wanted, tag ?? wanted.Tag);
        }
    }

    /// <summary>The error for an image that is not in local storage.</summary>
    public static CharlyException NotLocal(string reference) => new(
        Errors.ImageNotLocal, $"image \"{reference}\" is not available locally", $"Run 'charly box pull {reference}' to fetch it first", target: reference);

    private static BoxImage Typed(LocalImage image, string reference) =>
        new(reference, image.Id, BoxLabelReader.Read(reference, image.Labels), image.Created, image.Size);

    // An image of that name that is no box is more to the point than that there is none.
    private static CharlyException Missing(IReadOnlyList<LocalImage> images, ImageName wanted, string? tag)
    {
        var other = images.Where(i => !i.IsBox).SelectMany(i => i.References).Select(ImageName.Parse)
            .FirstOrDefault(r => r.LastSegment == wanted.Name && (tag is null || r.Tag == tag));
        return other is null
            ? NotLocal(tag is null ? wanted.Name : $"{wanted.Name}:{tag}")
            : new CharlyException(Errors.ImageMetadata, $"image {other.Text} has no embedded metadata; rebuild it", $"Build it with: charly box build {wanted.Name}", target: other.Text);
    }
}

/// <summary>What the engines print about images.</summary>
internal static class EngineJson
{
    /// <summary>The images of <c>podman images --format json</c> or of <c>image inspect</c>.</summary>
    public static IReadOnlyList<LocalImage> Images(string json)
    {
        if (string.IsNullOrWhiteSpace(json)) return [];
        try
        {
            using var document = JsonDocument.Parse(json);
            return [.. document.RootElement.EnumerateArray().Select(Image)];
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new CharlyException(Errors.ImageEngine, $"what the container engine says of its images can't be read: {e.Message}", "Update the engine, and report this if that does not help.", inner: e);
        }
    }

    private static LocalImage Image(JsonElement item)
    {
        var id = item.GetProperty("Id").GetString()!;
        var labels = Map(item, "Labels") ?? (item.TryGetProperty("Config", out var config) && config.ValueKind == JsonValueKind.Object ? Map(config, "Labels") : null);
        return new LocalImage(
            id.StartsWith("sha256:", StringComparison.Ordinal) ? id[7..] : id,
            [.. Texts(item, "Names").Concat(Texts(item, "RepoTags")).Where(r => !r.Contains("<none>", StringComparison.Ordinal)).Distinct()],
            labels ?? new Dictionary<string, string>(),
            Time(item.TryGetProperty("Created", out var created) ? created : default),
            item.TryGetProperty("Size", out var size) && size.TryGetInt64(out var bytes) ? bytes : 0)
        {
            User = item.TryGetProperty("Config", out var settings) && settings.ValueKind == JsonValueKind.Object && settings.TryGetProperty("User", out var user) ? user.GetString() ?? "" : "",
        };
    }

    private static IEnumerable<string> Texts(JsonElement item, string name) =>
        item.TryGetProperty(name, out var list) && list.ValueKind == JsonValueKind.Array ? list.EnumerateArray().Select(i => i.GetString()).OfType<string>() : [];

    private static Dictionary<string, string>? Map(JsonElement item, string name) =>
        item.TryGetProperty(name, out var map) && map.ValueKind == JsonValueKind.Object
            ? map.EnumerateObject().ToDictionary(p => p.Name, p => p.Value.GetString() ?? "", StringComparer.Ordinal)
            : null;

    private static DateTimeOffset Time(JsonElement created) => created.ValueKind switch
    {
        JsonValueKind.Number => DateTimeOffset.FromUnixTimeSeconds(created.GetInt64()),
        JsonValueKind.String when DateTimeOffset.TryParse(created.GetString(), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) => time,
        _ => DateTimeOffset.UnixEpoch,
    };
}
