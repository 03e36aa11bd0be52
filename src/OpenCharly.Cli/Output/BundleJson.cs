using System.Text.Json;
using OpenCharly.Targets;

namespace OpenCharly.Cli.Output;

/// <summary>Deployments as JSON.</summary>
internal static class BundleJson
{
    public static void Write(Utf8JsonWriter json, BundleStatus bundle)
    {
        json.WriteStartObject();
        json.WriteString("name", bundle.Name);
        json.WriteString("target", bundle.Target);
        json.WriteString("host", bundle.Host);
        json.WriteString("status", bundle.Status);
        json.Text("deploy_id", bundle.DeployId);
        json.Texts("candy", bundle.Candies);
        json.WriteNumber("steps", bundle.Steps);
        json.Time("deployed_at", bundle.DeployedAt);
        json.Time("ttl_deadline", bundle.Deadline);
        json.WriteBoolean("entry", bundle.HasEntry);
        json.Flag("quadlet", bundle.HasQuadlet);
        json.Text("owner", bundle.Owner);
        json.Text("note", bundle.Note);
        json.WriteEndObject();
    }
}
