using System.Text.Json;
using System.Text.Json.Nodes;
using OpenCharly.Foundation;

namespace OpenCharly.Pods.Tunnels;

/// <summary>
/// What has to be undone of a tunnel that charly itself opened (pod.md §16). It is on record beside the marker of direct mode,
/// because the entry may say something else, or be gone, by the time the pod stops.
/// </summary>
/// <param name="Process">Name of the tunnel whose cloudflared runs in the background; null for tailscale.</param>
/// <param name="Stops">Commands that take ports off the tailnet.</param>
internal sealed record OpenTunnel(string? Process, IReadOnlyList<IReadOnlyList<string>> Stops)
{
    private const string Field = "tunnel";

    /// <summary>What undoes a tunnel.</summary>
    public static OpenTunnel Of(TunnelPlan tunnel) => new(tunnel.IsCloudflare ? tunnel.Name : null, tunnel.IsCloudflare ? [] : [.. tunnel.Carried.Select(Tailscale.Stop)]);

    /// <summary>The tunnel on record in a marker; null if none is open, or there is no marker.</summary>
    public static OpenTunnel? Read(string marker)
    {
        if (!File.Exists(marker) || JsonNode.Parse(File.ReadAllText(marker))?[Field] is not JsonObject tunnel) return null;
        var stops = (tunnel["stop"] as JsonArray ?? []).OfType<JsonArray>().Select(c => (IReadOnlyList<string>)[.. c.Select(w => w!.GetValue<string>())]);
        return new OpenTunnel(tunnel["process"]?.GetValue<string>(), [.. stops]);
    }

    /// <summary>Puts a tunnel on record in a marker, or with null takes it off.</summary>
    public static void Write(string marker, OpenTunnel? tunnel)
    {
        var json = JsonNode.Parse(File.ReadAllText(marker))!.AsObject();
        json.Remove(Field);
        if (tunnel is not null)
        {
            json[Field] = new JsonObject
            {
                ["process"] = tunnel.Process,
                ["stop"] = new JsonArray([.. tunnel.Stops.Select(c => new JsonArray([.. c.Select(w => (JsonNode)JsonValue.Create(w)!)]))]),
            };
        }

        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true })) json.WriteTo(writer);
        AtomicFile.Write(marker, System.Text.Encoding.UTF8.GetString(buffer.ToArray()) + "\n", AtomicFile.Private);
    }
}
