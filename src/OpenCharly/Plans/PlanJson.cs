using System.Buffers;
using System.Text;
using System.Text.Json;
using OpenCharly.Foundation;

namespace OpenCharly.Plans;

/// <summary>
/// The JSON form of plans (candy-and-plan.md §5.8): an array with one object a plan, keys in a fixed order, which is read
/// back into equal plans. <c>commands</c> and <c>batches</c> are for readers and are ignored on load.
/// </summary>
public static class PlanJson
{
    /// <summary>Writes plans, indented, with a final line break.</summary>
    public static string Write(params IReadOnlyList<InstallPlan> plans)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, StepFields.Options with { Indented = true }))
        {
            json.WriteStartArray();
            foreach (var plan in plans) Write(json, plan);
            json.WriteEndArray();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan) + "\n";
    }

    /// <summary>Writes a plan on one line, without what is for readers only.</summary>
    internal static string WriteCompact(InstallPlan plan)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, StepFields.Options)) Write(json, plan, forReaders: false);
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    /// <summary>Reads plans.</summary>
    /// <param name="text">The JSON text: an array, or a single plan.</param>
    /// <param name="file">Name of the file for messages.</param>
    /// <exception cref="CharlyException"><see cref="Errors.PlanSchema"/> for text that is no plan, for a schema that this
    /// version does not know, and for a step that was edited by hand, so that its digest no longer fits.</exception>
    public static IReadOnlyList<InstallPlan> Read(string text, string file = "plan")
    {
        var bytes = Encoding.UTF8.GetBytes(text.TrimStart('\uFEFF'));
        var source = new JsonSource(bytes, file);
        JsonDocument document;
        try
        {
            document = JsonDocument.Parse(bytes);
        }
        catch (JsonException e)
        {
            throw new CharlyException(
                Errors.PlanSchema,
                $"{file} is not JSON",
                "Export the plan again.",
                new SourcePosition(file, (int)(e.LineNumber ?? 0) + 1, (int)(e.BytePositionInLine ?? 0) + 1),
                inner: e);
        }

        using (document)
        {
            var root = new JsonCursor(source, document.RootElement, "");
            return root.Kind == JsonValueKind.Array ? [.. root.Items().Select(PlanReader.Read)] : [PlanReader.Read(root)];
        }
    }

    private static void Write(Utf8JsonWriter json, InstallPlan plan, bool forReaders = true)
    {
        json.WriteStartObject();
        json.WriteString("schema", InstallPlan.SchemaName);
        json.WriteString("name", plan.Name);
        json.WriteString("target", plan.Target);
        json.WriteString("host", plan.Host);
        json.WriteString("ref", plan.Ref);
        json.WriteString("deploy_id", plan.DeployId);
        json.WriteString("image", plan.Box);
        json.WriteString("version", plan.Version);
        json.WriteString("distro", plan.Distro);
        StepFields.List(json, "tags", plan.Tags);
        json.WriteString("home", plan.Home);
        json.WriteString("user", plan.User);
        json.WriteString("login_shell", plan.LoginShell);
        StepFields.List(json, "candy", plan.Candies.Select(c => c.Name));
        json.WriteStartObject("candy_versions");
        foreach (var candy in plan.Candies.Where(c => c.Version.Length > 0)) json.WriteString(candy.Name, candy.Version);
        json.WriteEndObject();
        StepFields.List(json, "add_candy", plan.AddCandies);
        StepFields.Optional(json, "builder_image", plan.BuilderImage);
        json.WriteStartObject("gates");
        json.WriteBoolean("with_services", plan.Gates.WithServices);
        json.WriteBoolean("allow_repo_changes", plan.Gates.AllowRepoChanges);
        json.WriteBoolean("allow_root_tasks", plan.Gates.AllowRootTasks);
        json.WriteEndObject();
        json.WriteStartArray("steps");
        foreach (var step in plan.Steps) Write(json, step, plan, forReaders);
        json.WriteEndArray();
        NeedsJson.Write(json, plan);
        json.WriteStartArray("batches");
        foreach (var batch in plan.Batches)
        {
            json.WriteStartObject();
            json.WriteString("scope", StepNames.Of(batch.Scope));
            json.WriteString("venue", StepNames.Of(batch.Venue));
            json.WriteStartArray("steps");
            foreach (var index in batch.Steps) json.WriteNumberValue(index);
            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("skips");
        foreach (var skip in plan.Skips) Write(json, skip);
        json.WriteEndArray();
        StepFields.List(json, "warnings", plan.Warnings);
        if (plan.Files.Count > 0) StepFields.Map(json, "files", plan.Files);
        json.WriteStartArray("trimmed");
        foreach (var step in plan.Trimmed) Write(json, step);
        json.WriteEndArray();
        if (plan.Basis is { } basis) Write(json, basis);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, TrimmedStep step)
    {
        json.WriteStartObject();
        json.WriteString("candy", step.Candy);
        json.WriteString("kind", step.Kind.ToString());
        json.WriteString("summary", step.Summary);
        json.WriteString("digest", step.Digest);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, PlanBasis basis)
    {
        json.WriteStartObject("basis");
        StepFields.Map(json, "facts", basis.Facts);
        json.WriteString("deploys", basis.Deploys);
        StepFields.Map(json, "candies", basis.Candies);
        StepFields.List(json, "done", basis.Done);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, InstallStep step, InstallPlan plan, bool forReaders)
    {
        json.WriteStartObject();
        json.WriteNumber("index", step.Index);
        json.WriteString("candy", step.Candy);
        json.WriteString("kind", step.Kind.ToString());
        json.WriteString("scope", StepNames.Of(step.Scope));
        json.WriteString("venue", StepNames.Of(step.Venue));
        if (step.Phase is { } phase) json.WriteString("phase", StepNames.Of(phase));
        if (step.Gate != StepGate.None) json.WriteString("gate", StepNames.Of(step.Gate));
        json.WriteBoolean("enabled", step.Enabled);
        if (step.Skip is { } skip) json.WriteString("skip_reason", StepNames.Of(skip));
        json.WriteString("summary", step.Summary);
        json.WriteString("digest", step.Digest);
        json.WritePropertyName("fields");
        StepFields.Write(json, step);
        if (forReaders) StepFields.List(json, "commands", StepScripts.Commands(step, plan));
        json.WriteStartArray("reverse");
        foreach (var reverse in step.Reverse) ReverseJson.Write(json, reverse);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, PlanSkip skip)
    {
        json.WriteStartObject();
        json.WriteString("candy", skip.Candy);
        if (skip.Step is { } step) json.WriteNumber("step", step);
        json.WriteString("reason", StepNames.Of(skip.Reason));
        json.WriteString("hint", skip.Hint);
        json.WriteEndObject();
    }
}
