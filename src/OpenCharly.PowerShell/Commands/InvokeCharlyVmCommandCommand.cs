using System.Management.Automation;
using OpenCharly.Execution;
using OpenCharly.Operations;
using OpenCharly.PowerShell.Binding;

namespace OpenCharly.PowerShell.Commands;

/// <summary>Runs a command line in virtual machines; a non-zero exit code is a result, not an error.</summary>
[Cmdlet(VerbsLifecycle.Invoke, "CharlyVmCommand", SupportsShouldProcess = true)]
[OutputType(typeof(CommandResult))]
public sealed class InvokeCharlyVmCommandCommand : CharlyVmCmdlet
{
    private string? _vmFile;
    private string? _key;

    [Parameter(Mandatory = true, Position = 1, ValueFromRemainingArguments = true,
        HelpMessage = "The command line for the guest's shell; several words are joined by blanks, as ssh does.")]
    [ValidateNotNullOrEmpty]
    public string[] Command { get; set; } = [];

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

    [Parameter(HelpMessage = "How many seconds the command may take; no limit if left out.")]
    [ValidateRange(1, 604800)]
    public int? TimeoutSec { get; set; }

    /// <inheritdoc/>
    protected override void BeginProcessing() => (_vmFile, _key) = (this.FileAtOrNull(Path), this.FileAtOrNull(KeyPath));

    private protected override bool Approve(string name) =>
        ShouldProcess($"virtual machine {name}", $"Run: {string.Join(' ', Command)}");

    private protected override async Task WorkOnAsync(Work work, string name)
    {
        var request = new RunInVmRequest
        {
            Name = name,
            VmFile = _vmFile,
            Command = string.Join(' ', Command),
            User = User,
            Port = Port,
            KeyPath = _key,
            Timeout = TimeoutSec is { } seconds ? TimeSpan.FromSeconds(seconds) : null,
            Output = line => work.WriteVerbose(line.Text),
        };
        work.WriteAttributed(await new RunInVm(work.Context).RunAsync(request, work.Cancel).ConfigureAwait(false));
    }
}
