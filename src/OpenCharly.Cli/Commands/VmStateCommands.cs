using System.CommandLine;
using OpenCharly.Cli.Completion;
using OpenCharly.Cli.Output;
using OpenCharly.Operations;

namespace OpenCharly.Cli.Commands;

/// <summary><c>charly vm state</c>.</summary>
internal static class VmStateCommands
{
    public static Command Group(CommandHost host) => new("state", "Records of machines, as a file")
    {
        new VmStateExportCommand(host),
        new VmStateImportCommand(host),
    };
}

/// <summary><c>charly vm state export</c>.</summary>
internal sealed class VmStateExportCommand : Command
{
    private readonly Argument<string> _file = new("file") { Description = "File to write", HelpName = "FILE" };
    private readonly Argument<string[]> _names = new("names") { Description = "Machines, with the wildcards * and ?; all if none is given", HelpName = "NAME", Arity = ArgumentArity.ZeroOrMore };
    private readonly Option<bool> _force = Parameters.Flag("--force", "Replace a file that is there");

    public VmStateExportCommand(CommandHost host) : base("export", "Write the records of machines to a file, without their disks")
    {
        _names.CompletionSources.Add(context => new NameCompletions(host, context).Vms());
        Add(_file);
        Add(_names);
        Add(_force);
        SetAction(host.Action(RunAsync));
    }

    public ExportVmStateRequest Request(ParseResult parsed) => new() { File = parsed.GetRequiredValue(_file), Names = parsed.GetValue(_names) ?? [], Overwrite = parsed.GetValue(_force) };

    private async Task<int> RunAsync(Invocation run, CancellationToken cancellationToken)
    {
        run.PrintAll(await new ExportVmState(run.Context).RunAsync(Request(run.Parsed), cancellationToken).ConfigureAwait(false), all => string.Concat(all.Select(s => $"{s.Key} exported\n")), VmJson.Write);
        return 0;
    }
}

/// <summary><c>charly vm state import</c>.</summary>
internal sealed class VmStateImportCommand : Command
{
    private readonly Argument<string> _file = new("file") { Description = "File that vm state export wrote", HelpName = "FILE" };
    private readonly Option<bool> _force = Parameters.Flag("--force", "Replace records of machines that are known here and off");
    private readonly Option<bool> _dryRun = Parameters.DryRun();

    public VmStateImportCommand(CommandHost host) : base("import", "Take over the records of machines from a file")
    {
        Add(_file);
        Add(_force);
        Add(_dryRun);
        SetAction(host.Action(RunAsync));
    }

    public ImportVmStateRequest Request(ParseResult parsed) => new(parsed.GetRequiredValue(_file), parsed.GetValue(_force), parsed.GetValue(_dryRun));

    private async Task<int> RunAsync(Invocation run, CancellationToken cancellationToken)
    {
        var request = Request(run.Parsed);
        var word = request.DryRun ? "would be imported" : "imported";
        run.PrintAll(await new ImportVmState(run.Context).RunAsync(request, cancellationToken).ConfigureAwait(false), all => string.Concat(all.Select(s => $"{s.Key} {word}\n")), VmJson.Write);
        return 0;
    }
}
