using System.Text.Json;

namespace OpenCharly.Plans;

/// <summary>The JSON form of a plan's secrets and artifacts.</summary>
internal static class NeedsJson
{
    public static void Write(Utf8JsonWriter json, InstallPlan plan)
    {
        json.WriteStartArray("secrets");
        foreach (var secret in plan.Secrets)
        {
            json.WriteStartObject();
            json.WriteString("name", secret.Name);
            json.WriteString("key", secret.Key);
            json.WriteBoolean("required", secret.IsRequired);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("artifacts");
        foreach (var artifact in plan.Artifacts)
        {
            json.WriteStartObject();
            json.WriteString("candy", artifact.Candy);
            json.WriteString("name", artifact.Name);
            json.WriteString("path", artifact.Path);
            json.WriteString("retrieve_to", artifact.RetrieveTo);
            json.WriteString("mode", artifact.Mode);
            json.WriteNumber("wait_second", artifact.WaitSeconds);
            json.WriteStartArray("rewrite");
            foreach (var rewrite in artifact.Rewrites)
            {
                json.WriteStartObject();
                json.WriteString("find", rewrite.Find);
                json.WriteString("replace", rewrite.Replace);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteBoolean("optional", artifact.IsOptional);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    public static IReadOnlyList<PlanSecret> ReadSecrets(JsonCursor json) =>
        [.. json.OptionalObjects("secrets").Select(s => new PlanSecret(s.Text("name"), s.Text("key"), s.Flag("required")))];

    public static IReadOnlyList<PlanArtifact> ReadArtifacts(JsonCursor json) =>
    [
        .. json.OptionalObjects("artifacts").Select(a => new PlanArtifact(
            a.Text("candy"), a.Text("name"), a.Text("path"), a.Text("retrieve_to"), PlanReader.Mode(a), a.Number("wait_second"),
            [.. a.Objects("rewrite").Select(r => new PlanRewrite(r.Text("find"), r.Text("replace")))],
            a.Flag("optional"))),
    ];
}
