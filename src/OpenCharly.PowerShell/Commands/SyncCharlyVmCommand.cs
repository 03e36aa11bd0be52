using System.Management.Automation;
using OpenCharly.Operations;
using OpenCharly.PowerShell.Binding;

namespace OpenCharly.PowerShell.Commands;

/// <summary>Brings a folder into virtual machines, sending only what differs.</summary>
[Cmdlet(VerbsData.Sync, "CharlyVm", SupportsShouldProcess = true)]
[OutputType(typeof(TransferResult))]
public sealed class SyncCharlyVmCommand : CharlyVmCmdlet
{
    private string _from = "";

    [Parameter(Mandatory = true, Position = 1, HelpMessage = "Folder or file here; with a slash at its end, what the folder holds.")]
    [ValidateNotNullOrEmpty]
    public string Path { get; set; } = "";

    [Parameter(Mandatory = true, Position = 2, HelpMessage = "Path in the guest.")]
    [ValidateNotNullOrEmpty]
    public string Destination { get; set; } = "";

    [Parameter(HelpMessage = "Owner of everything in the guest, user or user:group.")]
    [ValidateNotNullOrEmpty]
    public string? Chown { get; set; }

    [Parameter(HelpMessage = "Patterns of what is left out, as rsync reads them.")]
    public string[] Exclude { get; set; } = [];

    [Parameter(HelpMessage = "Deletes in the guest what is not here.")]
    public SwitchParameter Delete { get; set; }

    /// <inheritdoc/>
    protected override void BeginProcessing() => _from = this.FileAt(Path).TrimEnd('/') + (Path.EndsWith('/') ? "/" : "");

    private protected override bool Approve(string name) => ShouldProcess($"virtual machine {name}", $"Bring {_from} to {Destination}");

    private protected override async Task WorkOnAsync(Work work, string name)
    {
        var request = new SyncVmRequest { Name = name, From = _from, To = Destination, Chown = Chown, Excludes = Exclude, Delete = Delete };
        work.Write(await new SyncVm(work.Context).RunAsync(request, work.Cancel).ConfigureAwait(false));
    }
}
