using System.Text.Json;
using OpenCharly.Model;

namespace OpenCharly.Cli.Output;

/// <summary>Deploy entries as JSON: what is known of each, and the entry as it is written.</summary>
internal static class DeploymentJson
{
    public static void Write(Utf8JsonWriter json, Deployment deployment)
    {
        json.WriteStartObject();
        json.WriteString("name", deployment.Key);
        json.WriteString("target", deployment.Target);
        json.Text("box", deployment.Box);
        json.Text("lifecycle", deployment.Lifecycle);
        json.WriteBoolean("disposable", deployment.Disposable);
        if (deployment.Body is { } body)
        {
            json.WritePropertyName("entry");
            HostFileExcerpt.WriteNode(json, body);
        }

        json.WriteEndObject();
    }
}
