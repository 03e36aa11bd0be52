using System.Management.Automation;
using OpenCharly.Operations;
using OpenCharly.PowerShell.Binding;
using OpenCharly.PowerShell.Completion;

namespace OpenCharly.PowerShell;

/// <summary>
/// A cmdlet that works on machines of a VMFile: names and files are gathered from arguments and pipeline, each machine is
/// asked about, and each file is then worked on as a whole, its machines in its own order.
/// </summary>
public abstract class CharlyVmFileCmdlet : CharlyCmdlet
{
    private readonly List<(string File, List<string> Names)> _files = [];

    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true,
        HelpMessage = "Names of machines in the VMFile, with wildcards; all if left out. Takes definitions and machines from the pipeline.")]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [VmFileMachine]
    [ArgumentCompleter(typeof(VmFileMachineCompleter))]
    public string[] Name { get; set; } = [];

    [Parameter(ValueFromPipelineByPropertyName = true,
        HelpMessage = "The VMFile; VMFile.kdl of the current folder if left out.")]
    [ValidateNotNullOrEmpty]
    public string? Path { get; set; }

    /// <inheritdoc/>
    protected sealed override void ProcessRecord()
    {
        var path = Path is null ? null : this.FileAt(Path);
        if (!TryAsk(path ?? "VMFile.kdl", work => Task.FromResult(new ReadVmFile(work.Context).Run(path).Select(Name)), out var machines)) return;
        foreach (var machine in machines.Where(m => Approve(m.Name)))
        {
            var file = machine.Position!.File;
            var names = _files.Find(f => f.File == file).Names;
            if (names is null) _files.Add((file, names = []));
            if (!names.Contains(machine.Name)) names.Add(machine.Name);
        }
    }

    /// <inheritdoc/>
    protected sealed override void EndProcessing() => RunEach(_files, 1, f => f.File, (work, f) => WorkOnAsync(work, new VmFileRequest
    {
        File = f.File,
        Names = f.Names,
        Output = line => work.WriteVerbose(line.Text),
    }));

    /// <summary>Asks the user.</summary>
    private protected abstract bool Approve(string name);

    /// <summary>Does the work for the machines of one file.</summary>
    private protected abstract Task WorkOnAsync(Work work, VmFileRequest request);
}
