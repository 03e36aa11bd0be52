using OpenCharly.Foundation;
using OpenCharly.Yaml;

namespace OpenCharly.Model;

/// <summary>
/// The per-host <c>charly.yml</c>: what was deployed and created from this machine (candy-and-plan.md §1.5, deploy.md
/// §1.4). Every change goes through here: locked, read anew, edited in place with comments kept, renamed into place, 0600.
/// </summary>
/// <param name="paths">Where the file is.</param>
public sealed class HostFile(HostPaths paths)
{
    /// <summary>Its path, existing or not.</summary>
    public string Path => paths.HostFile;

    /// <summary>Its text; empty if there is no file.</summary>
    public string Text => File.Exists(paths.HostFile) ? File.ReadAllText(paths.HostFile) : "";

    /// <summary>The first document; null if there is none.</summary>
    /// <exception cref="CharlyException">The file is no YAML.</exception>
    public YamlMapping? Read() =>
        File.Exists(paths.HostFile) && YamlReader.ReadFile(paths.HostFile) is [YamlMapping root, ..] ? root : null;

    /// <summary>The mapping of deploy entries; null if there is none.</summary>
    public YamlMapping? ReadDeployments() => Read() is { } root ? (root["deploy"] ?? root["deploys"]) as YamlMapping : null;

    /// <summary>Refuses old forms of the file, of which reading would drop entries without a word.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.CfgLegacy"/> for a <c>deploy.yml</c> in its place, or a retired root key.</exception>
    public void CheckForm()
    {
        var problems = new List<Problem>();
        ReportOldName(problems);
        if (File.Exists(paths.HostFile))
        {
            foreach (var root in YamlReader.ReadFile(paths.HostFile).OfType<YamlMapping>()) LegacyKeys.ReportRoot(new YamlBinder(root, paths.HostFile, problems));
        }

        CharlyValidationException.ThrowIfAny(problems);
    }

    /// <summary>Reports a file of the old name where there is none of the new one.</summary>
    internal void ReportOldName(ICollection<Problem> problems)
    {
        var old = System.IO.Path.Combine(paths.Config, "deploy.yml");
        if (File.Exists(paths.HostFile) || !File.Exists(old)) return;
        problems.Add(new Problem(Errors.CfgLegacy, $"{old} was renamed to charly.yml", "Run: charly migrate", new SourcePosition(old, 1, 1)));
    }

    /// <summary>Edits the file. A new file, or one without a version, gets the newest schema version.</summary>
    /// <param name="edit">Gets the editor and the name of the root key that holds deploy entries.</param>
    /// <param name="cancellationToken">Ends the wait for the lock.</param>
    public async Task EditAsync(Action<YamlEditor, string> edit, CancellationToken cancellationToken = default)
    {
        using var held = await FileLock.AcquireAsync(paths.HostFile + ".lock", null, cancellationToken).ConfigureAwait(false);
        var before = Text;
        var editor = new YamlEditor(before, paths.HostFile);
        edit(editor, editor.Has("deploys") && !editor.Has("deploy") ? "deploys" : "deploy");
        if (editor.Text == before) return;
        if (Count(before) > 1 && Count(editor.Text) == 0)
        {
            throw new CharlyException(
                Errors.StateEmptied, $"this would leave none of the {Count(before)} deployments in {paths.HostFile}", "Nothing was changed. To forget them all, run: charly bundle reset", target: paths.HostFile);
        }

        if (!editor.Has("version")) editor.Set(["version"], CalVer.NewestSchema.ToString());
        AtomicFile.Write(paths.HostFile, editor.Text, AtomicFile.Private);
    }

    /// <summary>Removes entries, or what they say beyond a few fields; the file goes if nothing is left in it.</summary>
    /// <param name="keys">Keys of the entries.</param>
    /// <param name="keep">Fields that stay of an entry, by its key; an entry without any goes as a whole.</param>
    /// <param name="cancellationToken">Ends the wait for the lock.</param>
    public async Task ResetAsync(IReadOnlyCollection<string> keys, IReadOnlyDictionary<string, IReadOnlyCollection<string>> keep, CancellationToken cancellationToken = default)
    {
        using var held = await FileLock.AcquireAsync(paths.HostFile + ".lock", null, cancellationToken).ConfigureAwait(false);
        if (!File.Exists(paths.HostFile)) return;
        var editor = new YamlEditor(Text, paths.HostFile);
        foreach (var root in (string[])["deploy", "deploys"])
        {
            foreach (var key in keys)
            {
                if (!keep.TryGetValue(key, out var fields)) editor.Remove([root, key], removeEmptyParents: true);
                else foreach (var field in Fields(editor.Text, root, key).Except(fields).ToArray()) editor.Remove([root, key, field]);
            }
        }

        var left = YamlReader.Read(editor.Text, paths.HostFile).OfType<YamlMapping>().SelectMany(d => d.Entries).Any(e => e.Key.Text != "version" && e.Value is not (YamlScalar { IsNull: true } or YamlMapping { Entries.Count: 0 }));
        if (left) AtomicFile.Write(paths.HostFile, editor.Text, AtomicFile.Private);
        else File.Delete(paths.HostFile);
    }

    private IEnumerable<string> Fields(string text, string root, string key) =>
        YamlReader.Read(text, paths.HostFile).OfType<YamlMapping>().SelectMany(d => ((d[root] as YamlMapping)?[key] as YamlMapping)?.Entries ?? []).Select(e => e.Key.Text);

    private int Count(string text) =>
        YamlReader.Read(text, paths.HostFile).OfType<YamlMapping>().Sum(d => ((d["deploy"] ?? d["deploys"]) as YamlMapping)?.Entries.Count ?? 0);

    /// <summary>
    /// Writes that something was deployed: target and references only where the entry says nothing of them yet, so that
    /// what people wrote stays.
    /// </summary>
    /// <param name="deployment">The deployment.</param>
    /// <param name="reference">The box or candy that was deployed; null for a template alone.</param>
    /// <param name="cancellationToken">Ends the wait for the lock.</param>
    public Task RecordAsync(Deployment deployment, string? reference, CancellationToken cancellationToken = default) =>
        EditAsync(
            (editor, root) =>
            {
                string[] entry = [root, deployment.Key];
                SetIfAbsent("target", deployment.Target);
                if (deployment.Target == "vm") SetIfAbsent("vm", deployment.Vm);
                if (deployment.Local is null) SetIfAbsent("box", reference);
                if (deployment.Host != "local") SetIfAbsent("host", deployment.Host);
                if (deployment is { Disposable: true, Ephemeral: null }) editor.Set([.. entry, "disposable"], true);
                if (deployment.Lifecycle is { } lifecycle) editor.Set([.. entry, "lifecycle"], lifecycle);

                void SetIfAbsent(string key, string? value)
                {
                    string[] path = [.. entry, key];
                    if (value is not null && !editor.Has(path)) editor.Set(path, value);
                }
            },
            cancellationToken);
}
