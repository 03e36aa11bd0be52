using System.Management.Automation;
using OpenCharly.Operations;
using OpenCharly.PowerShell.Binding;
using OpenCharly.PowerShell.Completion;

namespace OpenCharly.PowerShell.Commands;

/// <summary>Attaches this terminal to the serial console of a virtual machine; Ctrl+] detaches.</summary>
[Cmdlet(VerbsCommon.Enter, "CharlyVmConsole")]
public sealed class EnterCharlyVmConsoleCommand : CharlyCmdlet
{
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true,
        HelpMessage = "Name of the virtual machine; the only one of VMFile.kdl if left out.")]
    [VmName]
    [ArgumentCompleter(typeof(VmNameCompleter))]
    public string Name { get; set; } = "";

    /// <inheritdoc/>
    protected override void ProcessRecord() => Run(Name, async work =>
    {
        using var console = await new OpenVmConsole(work.Context).RunAsync(Name, work.Cancel).ConfigureAwait(false);
        await Terminal.AttachAsync(console, work.Context.Processes, work.Cancel).ConfigureAwait(false);
    });
}
