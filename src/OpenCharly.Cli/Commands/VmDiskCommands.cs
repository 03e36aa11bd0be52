using System.CommandLine;
using OpenCharly.Cli.Output;
using OpenCharly.Operations;

namespace OpenCharly.Cli.Commands;

/// <summary><c>charly vm build</c>.</summary>
internal sealed class VmBuildCommand : Command
{
    private readonly Argument<string> _name;
    private readonly Option<string?> _size = Parameters.Text("--size", "SIZE", "Size of the disk instead of the entity's, such as 20G");
    private readonly Option<string?> _type = Parameters.OneOf<string?>(
        "--type", "Format of the disk (default: qcow2)", new Dictionary<string, string?> { ["qcow2"] = "qcow2", ["raw"] = "raw" });
    private readonly Option<bool> _refresh = Parameters.Flag("--refresh", "Fetch or build the base image anew");
    private readonly Option<string?> _rootSize = Parameters.Text("--root-size", "SIZE", "Source bootc: size of the root file system instead of the entity's");
    private readonly Option<string?> _transport = Parameters.OneOf<string?>(
        "--transport", "Source bootc: how the machine fetches its next version", new Dictionary<string, string?> { ["registry"] = "registry", ["containers-storage"] = "containers-storage", ["oci"] = "oci", ["oci-archive"] = "oci-archive" });
    private readonly Option<string?> _tag = Parameters.Text("--tag", "TAG", "Source bootc: tag of the box (default: its newest)");
    private readonly Option<bool> _console = Parameters.Flag("--console", "Sources bootc and bootstrap: have the kernel speak on the serial port");
    private readonly Option<bool> _dryRun = Parameters.DryRun();

    public VmBuildCommand(CommandHost host) : base("build", "Build the disk of a machine")
    {
        Add(_name = Parameters.VmEntity(host));
        Add(_size);
        Add(_type);
        Add(_refresh);
        foreach (var option in (Option[])[_rootSize, _transport, _tag, _console]) Add(option);
        Add(_dryRun);
        SetAction(host.Action(RunAsync));
    }

    public BuildVmRequest Request(ParseResult parsed)
    {
        var request = new BuildVmRequest
        {
            Name = parsed.GetRequiredValue(_name),
            Size = parsed.GetValue(_size),
            Refresh = parsed.GetValue(_refresh),
            RootSize = parsed.GetValue(_rootSize),
            Transport = parsed.GetValue(_transport),
            Tag = parsed.GetValue(_tag),
            Console = parsed.GetValue(_console),
        };
        return parsed.GetValue(_type) is { } type ? request with { Type = type } : request;
    }

    private async Task<int> RunAsync(Invocation run, CancellationToken cancellationToken)
    {
        if (run.Parsed.GetValue(_dryRun)) return await VmPreviews.PrintAsync(run, new BuildVm(run.Context).PreviewAsync(Request(run.Parsed), cancellationToken)).ConfigureAwait(false);
        var disk = await new BuildVm(run.Context).RunAsync(Request(run.Parsed), cancellationToken).ConfigureAwait(false);
        run.Print(disk, VmText.Disk, VmJson.Write);
        return 0;
    }
}
