using OpenCharly.Foundation;
using OpenCharly.Model;
using OpenCharly.Pods;
using OpenCharly.Yaml;

namespace OpenCharly.Operations;

/// <summary>What <c>ImportDeployments</c> works from.</summary>
public sealed record ImportDeploymentsRequest
{
    /// <summary>Files, later ones over earlier ones; relative to the working folder.</summary>
    public required IReadOnlyList<string> Files { get; init; }

    /// <summary>The one deploy key that is taken; all if null.</summary>
    public string? Key { get; init; }

    /// <summary>Begin with nothing instead of what is there; what charly knows of machines that exist stays.</summary>
    public bool Replace { get; init; }

    /// <summary>Only say what would be imported.</summary>
    public bool DryRun { get; init; }
}

/// <summary>Merges deploy entries of files into the per-host file (<c>bundle import</c>, deploy.md §3.3).</summary>
/// <param name="context">What it works with.</param>
public sealed class ImportDeployments(CharlyContext context)
{
    /// <summary>
    /// Reads all files and checks what the deploy map would become; only then writes, and only the per-host file: each
    /// non-empty field takes the place of the one that is there. What a machine wrote of itself is never imported.
    /// </summary>
    /// <returns>The imported deployments as they now are, in the order of the files.</returns>
    /// <exception cref="CharlyException"><see cref="Errors.FileMissing"/>, <see cref="Errors.CfgEntry"/> if no file has the key, every error of a
    /// deploy map with its place, <see cref="Errors.StateEmptied"/>. Nothing is changed then.</exception>
    public async Task<IReadOnlyList<Deployment>> RunAsync(ImportDeploymentsRequest request, CancellationToken cancellationToken = default)
    {
        var loader = new ProjectLoader(context.Environment, context.Paths, context.Processes);
        var host = new HostFile(context.Paths);
        var problems = new List<Problem>();
        var import = DeploymentImport.Read([.. request.Files.Select(f => (context.Environment.Resolve(f), loader.Display(context.Environment.Resolve(f))))], request.Key, problems);
        CharlyValidationException.ThrowIfAny(problems);
        host.CheckForm();
        var current = host.ReadDeployments();
        var merged = import.Over(current, request.Replace);
        var project = await loader.LoadForeignAsync(context.ProjectFolder, null, cancellationToken: cancellationToken).ConfigureAwait(false);
        DeploymentMap.Build(project, merged, context.Paths.Clusters, problems);
        CharlyValidationException.ThrowIfAny(problems);
        foreach (var warning in problems.DistinctBy(p => (p.Message, p.Position))) context.Progress.Report(new NoticeEvent(NoticeLevel.Warning, warning.ToString()));
        if (!request.DryRun) await WriteAsync(host, import, current, merged, request, cancellationToken).ConfigureAwait(false);
        return [.. import.Entries.Keys.Select(key => project.Deployments[key])];
    }

    private static Task WriteAsync(HostFile host, DeploymentImport import, YamlMapping? current, YamlMapping merged, ImportDeploymentsRequest request, CancellationToken cancellationToken) => host.EditAsync(
        (editor, root) =>
        {
            foreach (var entry in request.Replace ? current?.Entries ?? [] : [])
            {
                if (merged[entry.Key.Text] is not YamlMapping now) editor.Remove([root, entry.Key.Text]);
                else foreach (var field in ((entry.Value as YamlMapping)?.Entries ?? []).Where(f => now[f.Key.Text] is null)) editor.Remove([root, entry.Key.Text, field.Key.Text]);
            }

            foreach (var (key, body) in import.Entries)
            {
                if (body.Entries.Count == 0 && !editor.Has([root, key])) editor.Set([root, key], YamlValue.Map());
                foreach (var field in body.Entries)
                {
                    // An empty field says nothing, and must not empty what is there.
                    if (field.Value is YamlScalar { IsNull: true } or YamlMapping { Entries.Count: 0 } or YamlSequence { Items.Count: 0 }) continue;
                    foreach (var alias in DeploymentReader.AliasesOf(field.Key.Text)) editor.Remove([root, key, alias]);
                    editor.Set([root, key, field.Key.Text], YamlValue.From(field.Value));
                }
            }

            if (request.Key is null) WriteProvides(editor, import, request.Replace);
        },
        cancellationToken);

    // Offers are told apart by name and source; what this machine found out itself wins.
    private static void WriteProvides(YamlEditor editor, DeploymentImport import, bool replace)
    {
        if (import.Provides.Count == 0 && !replace) return;
        var there = replace || YamlReader.Read(editor.Text, "charly.yml") is not [YamlMapping top, ..] ? Provides.Empty : Provides.Read(top["provides"] as YamlMapping);
        foreach (var more in import.Provides.Select(Provides.Read))
        {
            there = new Provides(
                [.. there.Variables, .. more.Variables.Where(v => !there.Variables.Any(t => (t.Name, t.Source) == (v.Name, v.Source)))],
                [.. there.Mcp, .. more.Mcp.Where(m => !there.Mcp.Any(t => (t.Name, t.Source) == (m.Name, m.Source)))]);
        }

        there.Write(editor);
    }
}
