using System.CommandLine;
using System.Text.Json;
using OpenCharly.Cli.Output;
using OpenCharly.Operations;

namespace OpenCharly.Cli.Commands;

/// <summary><c>charly migrate</c>.</summary>
internal static class MigrateCommand
{
    public static void Fill(Command command, CommandHost host)
    {
        var dryRun = Parameters.DryRun();
        command.Add(dryRun);
        command.SetAction(host.Action(async (run, token) =>
        {
            var isDry = run.Parsed.GetValue(dryRun);
            var operation = new UpdateSchema(run.Context);
            var update = operation.Plan();
            if (!isDry) update = update with { Files = await operation.ApplyAsync(update.Files, token).ConfigureAwait(false) };
            run.Print(update, u => Text(u, isDry, run.Palette), (json, u) => Write(json, u, isDry));
            return update.Left.Count == 0 ? 0 : 1;
        }));
    }

    private static string Text(SchemaUpdate update, bool isDry, Palette palette)
    {
        var files = update.Files.Select(file =>
            $"{file.NewFile}{(isDry ? " would change" : "")}\n"
            + string.Concat(file.Changes.Select(change => $"  {change}\n"))
            + (file.Backup is { } backup ? $"  old content in {backup}\n" : ""));
        var left = update.Left.Select(l => $"{l.Position}: {palette.Red("left")}: {l.Message}\n  {palette.Cyan("help")}: {l.Help}\n");
        return string.Concat(files.Concat(left)) + (update.Files.Count + update.Left.Count == 0 ? "all files are current\n" : "");
    }

    private static void Write(Utf8JsonWriter json, SchemaUpdate update, bool isDry)
    {
        json.WriteStartObject();
        json.Objects("files", update.Files, (writer, file) =>
        {
            writer.WriteStartObject();
            writer.WriteString("path", file.NewFile);
            if (file.NewFile != file.File) writer.WriteString("old_path", file.File);
            writer.Texts("changes", file.Changes);
            writer.Text("backup", file.Backup);
            if (isDry) writer.WriteString("text", file.Text);
            writer.WriteEndObject();
        });
        json.Objects("left", update.Left, ErrorReport.WriteProblem);
        json.WriteEndObject();
    }
}
