using System.Management.Automation;
using OpenCharly.Operations;

namespace OpenCharly.PowerShell.Commands;

/// <summary>Reads what pods have printed, line by line.</summary>
[Cmdlet(VerbsCommon.Get, "CharlyPodLog")]
[OutputType(typeof(string))]
public sealed class GetCharlyPodLogCommand : CharlyPodCmdlet
{
    [Parameter(HelpMessage = "Only the last lines; all if left out.")]
    [ValidateRange(1, int.MaxValue)]
    public int? Tail { get; set; }

    [Parameter(HelpMessage = "Goes on with new lines until interrupted.")]
    [Alias("Follow")]
    public SwitchParameter Wait { get; set; }

    [Parameter(HelpMessage = "Sidecar whose log is meant.")]
    [ValidateNotNullOrEmpty]
    public string? Sidecar { get; set; }

    private protected override Task WorkOnAsync(Work work, string name) =>
        new GetPodLog(work.Context).RunAsync(new PodLogRequest { Name = name, Tail = Tail, Follow = Wait, Sidecar = Sidecar }, work.WriteAttributed, work.Cancel);
}
