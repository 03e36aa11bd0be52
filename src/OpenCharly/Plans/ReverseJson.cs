using System.Text.Json;

namespace OpenCharly.Plans;

/// <summary>The JSON form of a reverse operation, the same in plans and ledgers (candy-and-plan.md §7.3).</summary>
public static class ReverseJson
{
    /// <summary>Writes one as an object; what is absent is left out.</summary>
    public static void Write(Utf8JsonWriter json, ReverseOp reverse)
    {
        json.WriteStartObject();
        json.WriteString("kind", reverse.Kind);
        StepFields.Optional(json, "format", reverse.Format);
        StepFields.List(json, "targets", reverse.Targets);
        json.WriteString("scope", StepNames.Of(reverse.Scope));
        if (reverse.Extra.Count > 0) StepFields.Map(json, "extra", reverse.Extra);
        StepFields.Optional(json, "uninstall_cmd", reverse.UninstallCommand);
        json.WriteEndObject();
    }

    internal static ReverseOp Read(JsonCursor json) => new()
    {
        Kind = json.Text("kind"),
        Format = json.OptionalText("format"),
        Targets = json.List("targets"),
        Scope = json.Word<StepScope>("scope", StepNames.Of),
        Extra = json.OptionalMap("extra"),
        UninstallCommand = json.OptionalText("uninstall_cmd"),
    };
}
