using System.Management.Automation;
using OpenCharly.Operations;
using OpenCharly.PowerShell.Binding;
using OpenCharly.PowerShell.Completion;

namespace OpenCharly.PowerShell.Commands;

/// <summary>Opens an interactive ssh session into a virtual machine, on this terminal.</summary>
[Cmdlet(VerbsCommon.Enter, "CharlyVm")]
public sealed class EnterCharlyVmCommand : CharlyCmdlet
{
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true,
        HelpMessage = "Name of the virtual machine; the only one of the VMFile if left out.")]
    [VmName]
    [ArgumentCompleter(typeof(VmNameCompleter))]
    public string Name { get; set; } = "";

    [Parameter(HelpMessage = "Account in the guest instead of the configured one.")]
    [ValidateNotNullOrEmpty]
    public string? User { get; set; }

    [Parameter(HelpMessage = "Port of ssh instead of the configured one.")]
    [ValidateRange(1, 65535)]
    public int? Port { get; set; }

    [Parameter(HelpMessage = "Private key instead of the configured one.")]
    [ValidateNotNullOrEmpty]
    public string? KeyPath { get; set; }

    [Parameter(HelpMessage = "VMFile whose ssh block says account and key; VMFile.kdl of the current folder if left out.")]
    [ValidateNotNullOrEmpty]
    public string? Path { get; set; }

    [Parameter(HelpMessage = "Command line to run on the terminal instead of a login shell.")]
    [ValidateNotNullOrEmpty]
    public string? Command { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var (vmFile, key) = (this.FileAtOrNull(Path), this.FileAtOrNull(KeyPath));
        if (TryAsk(Name, work => EnterAsync(work, vmFile, key), out var exitCode)) SessionState.PSVariable.Set("global:LASTEXITCODE", exitCode);
    }

    private async Task<int> EnterAsync(Work work, string? vmFile, string? key)
    {
        var request = new EnterVmRequest
        {
            Name = Name,
            VmFile = vmFile,
            User = User,
            Port = Port,
            KeyPath = key,
            Command = Command,
        };
        var session = await new EnterVm(work.Context).RunAsync(request, work.Cancel).ConfigureAwait(false);
        return await Terminal.RunAsync(session, work.Context.Environment.WorkingDirectory, work.Cancel).ConfigureAwait(false);
    }
}
