using System.Globalization;
using System.Text.Json;

namespace OpenCharly.Operations;

/// <summary>A container as the engine lists it.</summary>
internal sealed record LiveContainer(string Name, string Image, PodStatus Status, string Uptime, IReadOnlyList<PodPublishedPort> Ports)
{
    /// <summary>Whether it may be a pod's container: those that only hold a pod together are not.</summary>
    public bool IsOwn => Name.StartsWith("charly-", StringComparison.Ordinal) && Name.Length > "charly-".Length && !Name.EndsWith("-infra", StringComparison.Ordinal)
        && !Name.StartsWith("charly-build-", StringComparison.Ordinal) && OpenCharly.Pods.PodKey.IsValid(Name["charly-".Length..]);

    /// <summary>Reads what <c>ps</c> prints: podman one list, docker one object a line.</summary>
    public static IReadOnlyList<LiveContainer> Read(string text, bool isPodman)
    {
        if (string.IsNullOrWhiteSpace(text)) return [];
        if (!isPodman) return [.. text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(Docker)];
        using var document = JsonDocument.Parse(text);
        return [.. document.RootElement.EnumerateArray().Where(c => !(c.TryGetProperty("IsInfra", out var infra) && infra.ValueKind == JsonValueKind.True)).Select(Podman)];
    }

    /// <summary>Reads the mounts that <c>container inspect</c> prints.</summary>
    /// <param name="json">A list of mounts.</param>
    /// <param name="describe">Makes text of <c>source:path</c>.</param>
    public static IReadOnlyList<string> Mounts(string json, Func<string, string> describe)
    {
        if (string.IsNullOrWhiteSpace(json)) return [];
        using var document = JsonDocument.Parse(json);
        return document.RootElement.ValueKind != JsonValueKind.Array ? [] :
            [.. document.RootElement.EnumerateArray().Select(m => describe($"{(Text(m, "Name") is { Length: > 0 } name ? name : Text(m, "Source"))}:{Text(m, "Destination")}")).Order(StringComparer.Ordinal)];
    }

    private static LiveContainer Podman(JsonElement container)
    {
        var names = container.TryGetProperty("Names", out var list) && list.ValueKind == JsonValueKind.Array ? list.EnumerateArray().Select(n => n.GetString()).FirstOrDefault() : null;
        var ports = new List<PodPublishedPort>();
        if (container.TryGetProperty("Ports"u8, out var published) && published.ValueKind == JsonValueKind.Array)
        {
            foreach (var port in published.EnumerateArray())
            {
                var range = port.TryGetProperty("range", out var r) && r.TryGetInt32(out var count) ? Math.Clamp(count, 1, 1000) : 1;
                for (var i = 0; i < range; i++)
                {
                    ports.Add(new PodPublishedPort(
                        Text(port, "host_ip") is { Length: > 0 } ip ? ip : "0.0.0.0", port.GetProperty("host_port").GetInt32() + i, port.GetProperty("container_port").GetInt32() + i, Text(port, "protocol") is { Length: > 0 } p ? p : "tcp"));
                }
            }
        }

        return new LiveContainer(names ?? "", Text(container, "Image"), StatusOf(Text(container, "State")), UptimeOf(Text(container, "Status")), ports);
    }

    private static LiveContainer Docker(string line)
    {
        using var document = JsonDocument.Parse(line);
        var container = document.RootElement;
        var ports = new List<PodPublishedPort>();
        foreach (var part in Text(container, "Ports").Split(", ", StringSplitOptions.RemoveEmptyEntries).Select(p => p.Split("->")).Where(p => p.Length == 2))
        {
            var at = part[0].LastIndexOf(':');
            var inside = part[1].Split('/');
            if (at > 0 && int.TryParse(part[0][(at + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var host) && int.TryParse(inside[0], NumberStyles.None, CultureInfo.InvariantCulture, out var port)) ports.Add(new PodPublishedPort(part[0][..at], host, port, inside[^1]));
        }

        return new LiveContainer(Text(container, "Names"), Text(container, "Image"), StatusOf(Text(container, "State")), UptimeOf(Text(container, "Status")), ports);
    }

    private static string Text(JsonElement element, string name) => element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";

    private static string UptimeOf(string status) => !status.StartsWith("Up ", StringComparison.Ordinal) ? "" : status.EndsWith(" ago", StringComparison.Ordinal) ? status[3..^4] : status[3..];

    /// <summary>The word for a state that the engine says.</summary>
    public static string Word(string state) => StatusOf(state).ToString().ToLowerInvariant();

    private static PodStatus StatusOf(string state) => state switch
    {
        "running" => PodStatus.Running,
        "paused" => PodStatus.Paused,
        "dead" => PodStatus.Dead,
        "removing" or "stopping" => PodStatus.Removing,
        _ => PodStatus.Stopped,
    };
}
