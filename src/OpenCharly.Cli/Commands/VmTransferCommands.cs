using System.CommandLine;
using OpenCharly.Cli.Completion;
using OpenCharly.Cli.Output;
using OpenCharly.Operations;

namespace OpenCharly.Cli.Commands;

/// <summary><c>charly vm scp</c>.</summary>
internal sealed class VmScpCommand : Command
{
    private readonly Argument<string> _source = new("source") { Description = "Path here, or NAME:PATH in a machine", HelpName = "SOURCE" };
    private readonly Argument<string> _destination = new("destination") { Description = "Path here, or NAME:PATH in a machine", HelpName = "DESTINATION" };
    private readonly Option<bool> _recurse = Parameters.Flag("--recursive", "Copy folders with all that they hold", "-r");
    private readonly Option<bool> _dryRun = Parameters.DryRun();

    public VmScpCommand(CommandHost host) : base("scp", "Copy files into or out of a machine")
    {
        _source.CompletionSources.Add(context => new NameCompletions(host, context).VmPaths());
        _destination.CompletionSources.Add(context => new NameCompletions(host, context).VmPaths());
        Add(_source);
        Add(_destination);
        Add(_recurse);
        Add(_dryRun);
        SetAction(host.Action(RunAsync));
    }

    public CopyVmItemRequest Request(ParseResult parsed) => new(parsed.GetRequiredValue(_source), parsed.GetRequiredValue(_destination), parsed.GetValue(_recurse));

    private async Task<int> RunAsync(Invocation run, CancellationToken cancellationToken)
    {
        if (run.Parsed.GetValue(_dryRun)) return await VmPreviews.PrintAsync(run, new CopyVmItem(run.Context).PreviewAsync(Request(run.Parsed), cancellationToken)).ConfigureAwait(false);
        run.Print(await new CopyVmItem(run.Context).RunAsync(Request(run.Parsed), cancellationToken).ConfigureAwait(false), VmSnapshotText.Transfer, VmJson.Write);
        return 0;
    }
}

/// <summary><c>charly vm sync</c>.</summary>
internal sealed class VmSyncCommand : Command
{
    private readonly Argument<string> _name;
    private readonly Argument<string> _from = new("from") { Description = "Folder or file here; with a slash at its end, what the folder holds", HelpName = "FROM" };
    private readonly Argument<string> _to = new("to") { Description = "Path in the guest", HelpName = "TO" };
    private readonly Option<string?> _chown = Parameters.Text("--chown", "USER[:GROUP]", "Owner of everything in the guest");
    private readonly Option<string[]> _excludes = new("--exclude") { Description = "Pattern of what is left out; may be given several times", HelpName = "PATTERN" };
    private readonly Option<bool> _delete = Parameters.Flag("--delete", "Delete in the guest what is not here");
    private readonly Option<bool> _dryRun = Parameters.Flag("--dry-run", "Only say what would be copied", "-n");

    public VmSyncCommand(CommandHost host) : base("sync", "Bring a folder into a machine, sending only what differs")
    {
        Add(_name = Parameters.VmName(host));
        Add(_from);
        Add(_to);
        foreach (var option in (Option[])[_chown, _excludes, _delete, _dryRun]) Add(option);
        SetAction(host.Action(RunAsync));
    }

    public SyncVmRequest Request(ParseResult parsed) => new()
    {
        Name = parsed.GetRequiredValue(_name),
        From = parsed.GetRequiredValue(_from),
        To = parsed.GetRequiredValue(_to),
        Chown = parsed.GetValue(_chown),
        Excludes = parsed.GetValue(_excludes) ?? [],
        Delete = parsed.GetValue(_delete),
        DryRun = parsed.GetValue(_dryRun),
    };

    private async Task<int> RunAsync(Invocation run, CancellationToken cancellationToken)
    {
        var result = await new SyncVm(run.Context).RunAsync(Request(run.Parsed), cancellationToken).ConfigureAwait(false);
        run.Print(result, r => string.Concat(r.Items.Select(i => i + "\n")) + VmSnapshotText.Transfer(r), VmJson.Write);
        return 0;
    }
}
