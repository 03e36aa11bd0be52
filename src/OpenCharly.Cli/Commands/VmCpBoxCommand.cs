using System.CommandLine;
using OpenCharly.Cli.Completion;
using OpenCharly.Cli.Output;
using OpenCharly.Operations;

namespace OpenCharly.Cli.Commands;

/// <summary><c>charly vm cp-box</c>.</summary>
internal sealed class VmCpBoxCommand : Command
{
    private readonly Argument<string> _name;
    private readonly Argument<string> _image = new("ref") { Description = "Image in this machine's podman; a name without tag means its newest version", HelpName = "REF" };
    private readonly Option<string?> _as = Parameters.Text("--as", "NAME:TAG", "Name of the image in the guest; its own if left out");
    private readonly Option<bool> _rootless = Parameters.Flag("--rootless", "Into the storage of the account that ssh logs in as, not into root's");
    private readonly Option<bool> _dryRun = Parameters.Flag("--dry-run", "Only say what would be sent", "-n");

    public VmCpBoxCommand(CommandHost host) : base("cp-box", "Copy an image into a machine's podman, sending only the layers that it lacks")
    {
        _image.CompletionSources.Add(context => new NameCompletions(host, context).LocalImages());
        Add(_name = Parameters.VmName(host));
        Add(_image);
        foreach (var option in (Option[])[_as, _rootless, _dryRun]) Add(option);
        SetAction(host.Action(RunAsync));
    }

    public CopyBoxToVmRequest Request(ParseResult parsed) => new()
    {
        Name = parsed.GetRequiredValue(_name),
        Image = parsed.GetRequiredValue(_image),
        As = parsed.GetValue(_as),
        Rootless = parsed.GetValue(_rootless),
        DryRun = parsed.GetValue(_dryRun),
    };

    private async Task<int> RunAsync(Invocation run, CancellationToken cancellationToken)
    {
        run.Print(await new CopyBoxToVm(run.Context).RunAsync(Request(run.Parsed), cancellationToken).ConfigureAwait(false), VmSnapshotText.Transfer, VmJson.Write);
        return 0;
    }
}
