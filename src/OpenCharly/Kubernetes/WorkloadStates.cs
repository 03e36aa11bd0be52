using System.Text.Json;

namespace OpenCharly.Kubernetes;

/// <summary>What a cluster says of the objects of a deployment, in one word (pod.md §15.4).</summary>
internal static class WorkloadStates
{
    /// <summary><c>running</c> once every workload is as it should be; <c>enabled</c> without any workload; <c>failed</c> or <c>stopped</c> else.</summary>
    /// <param name="json">A list of objects, as <c>kubectl get --output json</c> prints it.</param>
    /// <exception cref="JsonException">It is none.</exception>
    public static string Word(string json)
    {
        using var document = JsonDocument.Parse(json);
        var items = document.RootElement.TryGetProperty("items", out var list) ? list.EnumerateArray().ToArray() : [document.RootElement];
        string[] words = [.. items.Select(Of).OfType<string>()];
        return words.Length == 0 ? "enabled" : words.Contains("failed") ? "failed" : words.All(w => w == "running") ? "running" : "stopped";
    }

    private static string? Of(JsonElement item)
    {
        var status = item.TryGetProperty("status", out var found) ? found : default;
        return Text(item, "kind") switch
        {
            "Deployment" or "StatefulSet" => Number(item.TryGetProperty("spec", out var spec) ? spec : default, "replicas") is var wanted and > 0 && Number(status, "readyReplicas") >= wanted ? "running" : "stopped",
            "DaemonSet" => Number(status, "desiredNumberScheduled") is var wanted and > 0 && Number(status, "numberReady") >= wanted ? "running" : "stopped",
            "Job" => Number(status, "active") > 0 ? "running" : Number(status, "failed") > 0 && Number(status, "succeeded") == 0 ? "failed" : "stopped",
            "CronJob" => "running",
            "Pod" => Text(status, "phase") switch { "Running" => "running", "Failed" => "failed", _ => "stopped" },
            _ => null,
        };
    }

    private static string? Text(JsonElement element, string name) => element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static int Number(JsonElement element, string name) => element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.TryGetInt32(out var number) ? number : 0;
}
