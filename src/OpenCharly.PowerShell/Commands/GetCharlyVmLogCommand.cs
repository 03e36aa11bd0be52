using System.Management.Automation;
using OpenCharly.Operations;

namespace OpenCharly.PowerShell.Commands;

/// <summary>Reads the logs of virtual machines, line by line.</summary>
[Cmdlet(VerbsCommon.Get, "CharlyVmLog")]
[OutputType(typeof(VmLogLine))]
public sealed class GetCharlyVmLogCommand : CharlyVmCmdlet
{
    [Parameter(HelpMessage = "Only the console log.")]
    public SwitchParameter Console { get; set; }

    [Parameter(HelpMessage = "Only the provision log.")]
    public SwitchParameter Provision { get; set; }

    [Parameter(HelpMessage = "Only the last lines; all if 0.")]
    [ValidateRange(0, int.MaxValue)]
    public int Tail { get; set; }

    [Parameter(HelpMessage = "Goes on with new lines until interrupted.")]
    [Alias("Follow")]
    public SwitchParameter Wait { get; set; }

    private protected override async Task WorkOnAsync(Work work, string name)
    {
        var request = new VmLogRequest { Name = name, Console = Console, Provision = Provision, Tail = Tail, Follow = Wait };
        await foreach (var line in new GetVmLog(work.Context).RunAsync(request, work.Cancel).ConfigureAwait(false))
        {
            work.WriteAttributed(line);
        }
    }
}
