using System.Management.Automation;
using OpenCharly.Operations;
using OpenCharly.Vms;

namespace OpenCharly.PowerShell.Commands;

/// <summary>Changes virtual machines without making them anew: whether they start with the host, and how large their disks are.</summary>
[Cmdlet(VerbsCommon.Set, "CharlyVm", SupportsShouldProcess = true)]
[OutputType(typeof(CharlyVm))]
public sealed class SetCharlyVmCommand : CharlyVmCmdlet
{
    [Parameter(HelpMessage = "Starts the machine with this host; -Autostart:$false no longer.")]
    public SwitchParameter Autostart { get; set; }

    [Parameter(HelpMessage = "Size that the disk grows to, such as 20G; the machine may run.")]
    [ValidateNotNullOrEmpty]
    public string? DiskSize { get; set; }

    [Parameter(HelpMessage = "Emits the machine.")]
    public SwitchParameter PassThru { get; set; }

    private protected override bool Approve(string name) => ShouldProcess($"virtual machine {name}", "Change");

    private protected override async Task WorkOnAsync(Work work, string name)
    {
        bool? autostart = MyInvocation.BoundParameters.ContainsKey(nameof(Autostart)) ? Autostart.ToBool() : null;
        var vm = await new SetVm(work.Context).RunAsync(new SetVmRequest { Name = name, Autostart = autostart, DiskSize = DiskSize }, work.Cancel).ConfigureAwait(false);
        if (PassThru) work.Write(vm);
    }
}
