using OpenCharly.Foundation;
using OpenCharly.Model;
using OpenCharly.Yaml;

namespace OpenCharly.Operations;

/// <summary>What bringing a file to the newest schema changes in it.</summary>
/// <param name="File">The file.</param>
/// <param name="NewFile">The file that takes its place; the same except for <c>deploy.yml</c>, which becomes <c>charly.yml</c>.</param>
/// <param name="Changes">The changes, in words and in order.</param>
/// <param name="Text">What the file will hold.</param>
/// <param name="Backup">Where its old content is kept; null until it is written.</param>
public sealed record SchemaChange(string File, string NewFile, IReadOnlyList<string> Changes, string Text, string? Backup = null)
{
    internal string Before { get; init; } = "";

    internal bool IsHostFile { get; init; }
}

/// <summary>What is to be done to old files.</summary>
/// <param name="Files">The files that change; none if all are current.</param>
/// <param name="Left">What has to be changed by hand.</param>
public sealed record SchemaUpdate(IReadOnlyList<SchemaChange> Files, IReadOnlyList<Problem> Left);

/// <summary>Brings the files of a project and the per-host file to the newest schema (deploy.md §14), with every comment kept.</summary>
/// <param name="context">What it works with.</param>
public sealed class UpdateSchema(CharlyContext context)
{
    /// <summary>Works out what would change, without changing anything.</summary>
    /// <exception cref="CharlyException">A file is no YAML, or newer than this program.</exception>
    public SchemaUpdate Plan()
    {
        var changes = new List<SchemaChange>();
        var left = new List<Problem>();
        var deployments = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (file, kind) in SchemaFiles.Of(context.ProjectFolder)) Look(file, file, kind);
        var old = Path.Combine(context.Paths.Config, "deploy.yml");
        if (File.Exists(context.Paths.HostFile)) Look(context.Paths.HostFile, context.Paths.HostFile, SchemaFileKind.Host);
        else if (File.Exists(old)) Look(old, context.Paths.HostFile, SchemaFileKind.Host);
        return new SchemaUpdate(changes, left);

        void Look(string file, string newFile, SchemaFileKind kind)
        {
            var before = File.ReadAllText(file);
            var text = before;
            var words = new List<string>();
            var count = YamlEditor.CountDocuments(text, file);
            var lacksVersion = Enumerable.Range(0, count).All(i => !new YamlEditor(before, file, i).Has("version"));
            var found = new HashSet<string>(StringComparer.Ordinal);
            for (var i = 0; i < count; i++)
            {
                var document = new SchemaDocument(new YamlEditor(text, file, i), kind) { IsFirst = i == 0, LacksVersion = lacksVersion, KnownElsewhere = deployments };
                SchemaSteps.Run(document);
                text = document.Editor.Text;
                words.AddRange(document.Changes);
                left.AddRange(document.Left);
                found.UnionWith(document.Editor.Keys("deploy"));
            }

            deployments.UnionWith(found);
            if (file != newFile) words.Add($"the file renamed to {Path.GetFileName(newFile)}");
            if (words.Count > 0) changes.Add(new SchemaChange(file, newFile, words, text) { Before = before, IsHostFile = kind == SchemaFileKind.Host });
        }
    }

    /// <summary>Writes what was worked out. Each file is copied to <c>FILE.bak.UNIXTIME</c> first; if one can't be written, all stay as they were.</summary>
    /// <param name="files">The files to write.</param>
    /// <param name="cancellationToken">Ends the wait for the lock of the per-host file.</param>
    /// <returns>The same, with their backups.</returns>
    /// <exception cref="CharlyException"><see cref="Errors.Io"/> if a file can't be written, or was changed meanwhile.</exception>
    public async Task<IReadOnlyList<SchemaChange>> ApplyAsync(IReadOnlyList<SchemaChange> files, CancellationToken cancellationToken = default)
    {
        using var held = files.Any(f => f.IsHostFile)
            ? await FileLock.AcquireAsync(context.Paths.HostFile + ".lock", null, cancellationToken).ConfigureAwait(false)
            : null;
        var suffix = $".bak.{context.Environment.Clock.GetUtcNow().ToUnixTimeSeconds()}";
        var undo = new Stack<Action>();
        try
        {
            return [.. files.Select(file => Write(file, file.File + suffix, undo))];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CharlyException)
        {
            while (undo.TryPop(out var action)) action();
            if (e is CharlyException) throw;
            throw new CharlyException(Errors.Io, $"the files can't be written, so all are as they were: {e.Message}", "Check owner, mode and free space of the folder.", inner: e);
        }
    }

    private static SchemaChange Write(SchemaChange change, string backup, Stack<Action> undo)
    {
        if (File.ReadAllText(change.File) != change.Before || (change.File != change.NewFile && File.Exists(change.NewFile)))
        {
            throw new CharlyException(Errors.Io, $"{change.File} was changed meanwhile, so all files are as they were", "Run the command again.", target: change.File);
        }

        var mode = change.IsHostFile ? AtomicFile.Private : File.GetUnixFileMode(change.File);
        File.Copy(change.File, backup);
        undo.Push(() => File.Delete(backup));
        File.SetUnixFileMode(backup, mode);
        undo.Push(() =>
        {
            if (change.File != change.NewFile) File.Delete(change.NewFile);
            if (!File.Exists(change.File) || File.ReadAllText(change.File) != change.Before) AtomicFile.Write(change.File, change.Before, mode);
        });
        AtomicFile.Write(change.NewFile, change.Text, mode);
        if (change.File != change.NewFile) File.Delete(change.File);
        return change with { Backup = backup };
    }
}
