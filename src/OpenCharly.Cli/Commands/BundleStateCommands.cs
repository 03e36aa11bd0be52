using System.CommandLine;
using OpenCharly.Cli.Completion;
using OpenCharly.Cli.Output;
using OpenCharly.Operations;

namespace OpenCharly.Cli.Commands;

/// <summary><c>charly bundle import</c>: merges deploy entries of files into the per-host file.</summary>
internal sealed class BundleImportCommand : Command
{
    private readonly Argument<string[]> _files = new("files")
    {
        Description = "Files with deploy: entries; later ones win",
        HelpName = "FILE",
        Arity = ArgumentArity.OneOrMore,
    };

    private readonly Option<bool> _replace = Parameters.Flag("--replace", "Begin with nothing instead of what is there");
    private readonly Option<string?> _key = Parameters.Text("--box", "KEY", "Take only the entry of this deploy key");
    private readonly Option<bool> _dryRun = Parameters.DryRun();
    private readonly Option<bool> _yes = Parameters.Yes();

    public BundleImportCommand(CommandHost host) : base("import", "Merge deploy entries of files into the per-host file")
    {
        Add(_files);
        Add(_replace);
        Add(_key);
        Add(_dryRun);
        Add(_yes);
        SetAction(host.Action(RunAsync));
    }

    public ImportDeploymentsRequest Request(ParseResult parsed) => new()
    {
        Files = parsed.GetRequiredValue(_files),
        Key = parsed.GetValue(_key),
        Replace = parsed.GetValue(_replace),
        DryRun = parsed.GetValue(_dryRun),
    };

    private async Task<int> RunAsync(Invocation run, CancellationToken cancellationToken)
    {
        var request = Request(run.Parsed);
        if (request is { Replace: true, DryRun: false } && !run.Parsed.GetValue(_yes)) await run.ConfirmAsync($"Replace all of {run.Context.Paths.HostFile}?", cancellationToken).ConfigureAwait(false);
        var imported = await new ImportDeployments(run.Context).RunAsync(request, cancellationToken).ConfigureAwait(false);
        run.PrintAll(imported, all => all.Count == 0 ? "Nothing to import.\n" : string.Concat(all.Select(d => $"{(request.DryRun ? "would import" : "imported")} {d.Key}\n")), DeploymentJson.Write);
        return 0;
    }
}

/// <summary><c>charly bundle export</c>: the entries of the per-host file, for another machine.</summary>
internal sealed class BundleExportCommand : Command
{
    private readonly Argument<string[]> _names = new("names")
    {
        Description = "Deploy keys, with the wildcards * and ?; all if none is given",
        HelpName = "NAME",
        Arity = ArgumentArity.ZeroOrMore,
    };

    private readonly Option<string?> _file = Parameters.Text("--output", "FILE", "Write a file instead of printing", "-o");
    private readonly Option<bool> _all = Parameters.Flag("--all", "Also the enabled boxes of the project, with their runtime fields");

    public BundleExportCommand(CommandHost host) : base("export", "Print entries of the per-host file, as bundle import takes them")
    {
        _names.CompletionSources.Add(context => new NameCompletions(host, context).Bundles());
        Add(_names);
        Add(_file);
        Add(_all);
        SetAction(host.Action(RunAsync));
    }

    public ExportDeploymentsRequest Request(ParseResult parsed) => new() { Names = parsed.GetValue(_names) ?? [], File = parsed.GetValue(_file), All = parsed.GetValue(_all) };

    private async Task<int> RunAsync(Invocation run, CancellationToken cancellationToken)
    {
        var export = await new ExportDeployments(run.Context).RunAsync(Request(run.Parsed), cancellationToken).ConfigureAwait(false);
        if (export.File is { } file) run.Print(file, path => path + "\n", (json, path) => json.WriteStringValue(path));
        else run.Print(run.IsJson ? HostFileExcerpt.Of(export.Text, null).Json() : export.Text);
        return 0;
    }
}

/// <summary><c>charly bundle reset</c>: forgets what the per-host file says.</summary>
internal sealed class BundleResetCommand : Command
{
    private readonly Argument<string?> _name = new("name") { Description = "Deploy key; all entries if left out", HelpName = "NAME", Arity = ArgumentArity.ZeroOrOne };
    private readonly Option<string?> _instance = Parameters.Text("--instance", "NAME", "Instance", "-i");
    private readonly Option<bool> _dryRun = Parameters.DryRun();
    private readonly Option<bool> _yes = Parameters.Yes();

    public BundleResetCommand(CommandHost host) : base("reset", "Forget what the per-host file says of one deployment, or of all")
    {
        _name.CompletionSources.Add(context => new NameCompletions(host, context).Bundles());
        Add(_name);
        Add(_instance);
        Add(_dryRun);
        Add(_yes);
        SetAction(host.Action(RunAsync));
    }

    public string? Request(ParseResult parsed) =>
        parsed.GetValue(_name) is not { } name ? null
        : parsed.GetValue(_instance) is { } instance ? $"{name}/{instance}"
        : name;

    private async Task<int> RunAsync(Invocation run, CancellationToken cancellationToken)
    {
        var key = Request(run.Parsed);
        var dryRun = run.Parsed.GetValue(_dryRun);
        var what = key is null ? $"all deployments in {run.Context.Paths.HostFile}" : key;
        if (!dryRun && !run.Parsed.GetValue(_yes)) await run.ConfirmAsync($"Forget what is configured for {what}?", cancellationToken).ConfigureAwait(false);
        var gone = await new ResetDeployments(run.Context).RunAsync(key is null ? null : [key], dryRun, cancellationToken).ConfigureAwait(false);
        run.PrintAll(gone, all => string.Concat(all.Select(d => $"{(dryRun ? "would reset" : "reset")} {d.Key}\n")), DeploymentJson.Write);
        return 0;
    }
}
