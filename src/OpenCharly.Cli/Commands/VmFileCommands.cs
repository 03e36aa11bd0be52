using System.CommandLine;
using OpenCharly.Cli.Completion;
using OpenCharly.Cli.Output;
using OpenCharly.Execution;
using OpenCharly.Operations;
using OpenCharly.Vms;

namespace OpenCharly.Cli.Commands;

/// <summary><c>charly up</c>.</summary>
internal sealed class UpCommand
{
    private readonly VmFileParameters _parameters;

    public UpCommand(Command command, CommandHost host)
    {
        _parameters = new VmFileParameters(host, command, canSkipProvisioning: true);
        command.SetAction(host.Action(RunAsync));
    }

    public VmFileRequest Request(ParseResult parsed) => _parameters.Request(parsed);

    private async Task<int> RunAsync(Invocation run, CancellationToken cancellationToken)
    {
        var request = VmFileParameters.Streaming(run, Request(run.Parsed));
        if (_parameters.IsDryRun(run)) return VmFileParameters.Print(run, await new StartVmFile(run.Context).PreviewAsync(request, cancellationToken).ConfigureAwait(false));
        VmFileParameters.Print(run, await new StartVmFile(run.Context).RunAsync(request, cancellationToken).ConfigureAwait(false));
        return 0;
    }
}

/// <summary><c>charly reload</c>.</summary>
internal sealed class ReloadCommand
{
    private readonly VmFileParameters _parameters;
    private readonly Option<bool> _yes = Parameters.Yes();

    public ReloadCommand(Command command, CommandHost host)
    {
        _parameters = new VmFileParameters(host, command, canSkipProvisioning: true);
        command.Add(_yes);
        command.SetAction(host.Action(RunAsync));
    }

    public VmFileRequest Request(ParseResult parsed) => _parameters.Request(parsed);

    private async Task<int> RunAsync(Invocation run, CancellationToken cancellationToken)
    {
        var request = VmFileParameters.Streaming(run, Request(run.Parsed));
        if (_parameters.IsDryRun(run)) return VmFileParameters.Print(run, await new RestartVmFile(run.Context).PreviewAsync(request, cancellationToken).ConfigureAwait(false));
        if (!run.Parsed.GetValue(_yes)) await run.ConfirmAsync($"Destroy {VmFileParameters.Describe(request)} and make them anew?", cancellationToken).ConfigureAwait(false);
        VmFileParameters.Print(run, await new RestartVmFile(run.Context).RunAsync(request, cancellationToken).ConfigureAwait(false));
        return 0;
    }
}

/// <summary><c>charly down</c>.</summary>
internal sealed class DownCommand
{
    private readonly VmFileParameters _parameters;
    private readonly Option<bool> _destroy = Parameters.Flag("--destroy", "Remove the machines with all their files");
    private readonly Option<bool> _yes = Parameters.Yes();

    public DownCommand(Command command, CommandHost host)
    {
        _parameters = new VmFileParameters(host, command);
        command.Add(_destroy);
        command.Add(_yes);
        command.SetAction(host.Action(RunAsync));
    }

    public VmFileRequest Request(ParseResult parsed) => _parameters.Request(parsed) with { Destroy = parsed.GetValue(_destroy) };

    private async Task<int> RunAsync(Invocation run, CancellationToken cancellationToken)
    {
        var request = Request(run.Parsed);
        if (_parameters.IsDryRun(run)) return VmFileParameters.Print(run, await new StopVmFile(run.Context).PreviewAsync(request, cancellationToken).ConfigureAwait(false));
        if (request.Destroy && !run.Parsed.GetValue(_yes)) await run.ConfirmAsync($"Destroy {VmFileParameters.Describe(request)} with all their files?", cancellationToken).ConfigureAwait(false);
        VmFileParameters.Print(run, await new StopVmFile(run.Context).RunAsync(request, cancellationToken).ConfigureAwait(false));
        return 0;
    }
}

/// <summary><c>charly provision</c>.</summary>
internal sealed class ProvisionCommand
{
    private readonly VmFileParameters _parameters;

    public ProvisionCommand(Command command, CommandHost host)
    {
        _parameters = new VmFileParameters(host, command);
        command.SetAction(host.Action(RunAsync));
    }

    public VmFileRequest Request(ParseResult parsed) => _parameters.Request(parsed);

    private async Task<int> RunAsync(Invocation run, CancellationToken cancellationToken)
    {
        var request = VmFileParameters.Streaming(run, Request(run.Parsed));
        if (_parameters.IsDryRun(run)) return VmFileParameters.Print(run, await new ProvisionVmFile(run.Context).PreviewAsync(request, cancellationToken).ConfigureAwait(false));
        var results = await new ProvisionVmFile(run.Context).RunAsync(request, cancellationToken).ConfigureAwait(false);
        if (run.IsJson) run.PrintAll(results, _ => "", VmFileJson.Write);
        return 0;
    }
}

/// <summary>What the four commands take alike, and how they print.</summary>
internal sealed class VmFileParameters
{
    private readonly Option<string?> _file = Parameters.Text("--file", "PATH", "The VMFile (default: VMFile.kdl of the current folder)");
    private readonly Option<string[]> _names = new("--name")
    {
        Description = "Only this machine; may be given several times",
        HelpName = "NAME",
        Arity = ArgumentArity.OneOrMore,
        AllowMultipleArgumentsPerToken = false,
    };

    private readonly Option<bool> _noProvision = Parameters.Flag("--no-provision", "Leave out the provisioners");

    private readonly Option<bool> _dryRun = Parameters.DryRun();

    private readonly bool _canSkipProvisioning;

    public VmFileParameters(CommandHost host, Command command, bool canSkipProvisioning = false)
    {
        _canSkipProvisioning = canSkipProvisioning;
        _names.CompletionSources.Add(context => new NameCompletions(host, context).VmFileMachines(context.ParseResult.GetValue(_file)));
        command.Add(_file);
        command.Add(_names);
        if (canSkipProvisioning) command.Add(_noProvision);
        command.Add(_dryRun);
    }

    public VmFileRequest Request(ParseResult parsed) => new()
    {
        File = parsed.GetValue(_file),
        Names = parsed.GetValue(_names) ?? [],
        NoProvision = _canSkipProvisioning && parsed.GetValue(_noProvision),
    };

    /// <summary>Lines of provisioners go straight to the terminal; with JSON they are part of the results instead.</summary>
    public static VmFileRequest Streaming(Invocation run, VmFileRequest request) => run.IsJson ? request : request with { Output = line => Pass(run, line) };

    public static string Describe(VmFileRequest request) => request.Names.Count == 0 ? "all machines of the VMFile" : string.Join(", ", request.Names);

    public static void Print(Invocation run, IReadOnlyList<CharlyVm> vms) => run.PrintAll(vms, all => string.Concat(all.Select(VmText.OneLine)), VmJson.Write);

    public bool IsDryRun(Invocation run) => run.Parsed.GetValue(_dryRun);

    public static int Print(Invocation run, IReadOnlyList<VmPreview> previews)
    {
        run.PrintAll(previews, all => string.Concat(all.Select(VmSnapshotText.Preview)), VmJson.Write);
        return 0;
    }

    private static void Pass(Invocation run, OutputLine line)
    {
        run.Pause();
        var stream = line.IsError ? run.Terminal.Error : run.Terminal.Out;
        stream.WriteLine(line.Text);
        stream.Flush();
    }
}
