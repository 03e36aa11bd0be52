using System.Management.Automation;
using OpenCharly.Operations;
using OpenCharly.Vms.Gpu;

namespace OpenCharly.PowerShell.Commands;

/// <summary>Lists the display devices of this machine that a guest could have.</summary>
[Cmdlet(VerbsCommon.Get, "CharlyVmGpu")]
[OutputType(typeof(GpuDevice), typeof(GpuReport))]
public sealed class GetCharlyVmGpuCommand : CharlyCmdlet
{
    [Parameter(HelpMessage = "Emits one report on what this machine has and needs, instead of the devices.")]
    public SwitchParameter Report { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord() => Run("gpu", work =>
    {
        var report = new GetVmGpus(work.Context).Run();
        if (Report) work.Write(report);
        foreach (var device in Report ? [] : report.Devices) work.Write(device);
        return Task.CompletedTask;
    });
}
