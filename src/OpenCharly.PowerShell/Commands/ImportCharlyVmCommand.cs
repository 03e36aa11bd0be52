using System.Management.Automation;
using OpenCharly.Operations;
using OpenCharly.PowerShell.Completion;
using OpenCharly.Vms;

namespace OpenCharly.PowerShell.Commands;

/// <summary>Adopts domains of libvirt's as machines of the project, with their disks where they are.</summary>
[Cmdlet(VerbsData.Import, "CharlyVm", SupportsShouldProcess = true, DefaultParameterSetName = One)]
[OutputType(typeof(VmDeployState), ParameterSetName = [One, Every])]
[OutputType(typeof(ImportableVm), ParameterSetName = [Listed])]
public sealed class ImportCharlyVmCommand : CharlyCmdlet
{
    private const string One = "Domain";
    private const string Every = "All";
    private const string Listed = "List";

    [Parameter(Mandatory = true, Position = 0, ParameterSetName = One, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true, HelpMessage = "Domains of this user's libvirt session.")]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(DomainCompleter))]
    public string[] Domain { get; set; } = [];

    [Parameter(ParameterSetName = One, HelpMessage = "Name of the machine; the domain's own, without charly- before it, if left out.")]
    [ValidateNotNullOrEmpty]
    public string? TargetName { get; set; }

    [Parameter(Mandatory = true, ParameterSetName = Every, HelpMessage = "Every domain that is nobody's yet; with -Update, every machine that was imported.")]
    public SwitchParameter All { get; set; }

    [Parameter(Mandatory = true, ParameterSetName = Listed, HelpMessage = "Lists the domains, what they were imported as, and what has changed since.")]
    public SwitchParameter List { get; set; }

    [Parameter(ParameterSetName = One, HelpMessage = "Brings what was imported before to what the domain is now.")]
    [Parameter(ParameterSetName = Every, HelpMessage = "Brings what was imported before to what the domain is now.")]
    public SwitchParameter Update { get; set; }

    [Parameter(ParameterSetName = One, HelpMessage = "With -Update: also puts what the domain has in place of the machine's libvirt part.")]
    [Parameter(ParameterSetName = Every, HelpMessage = "With -Update: also puts what the domain has in place of the machine's libvirt part.")]
    public SwitchParameter ReplaceLibvirt { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (List)
        {
            Run("libvirt", async work =>
            {
                foreach (var domain in await new ImportVm(work.Context).ListAsync(work.Cancel).ConfigureAwait(false)) work.Write(domain);
            });
            return;
        }

        var action = Update ? ReplaceLibvirt ? "Bring the machine up to date, its libvirt part replaced" : "Bring the machine up to date" : "Adopt as a machine of the project";
        var domains = All ? ["*"] : Domain;
        RunEach([.. domains.Where(d => ShouldProcess(d == "*" ? "all domains of libvirt" : $"domain {d}", action))], 1, async (work, domain) =>
        {
            var request = new ImportVmRequest { Domain = All ? null : domain, TargetName = TargetName, All = All, Update = Update, ReplaceLibvirt = ReplaceLibvirt };
            foreach (var state in await new ImportVm(work.Context).RunAsync(request, work.Cancel).ConfigureAwait(false)) work.Write(state);
        });
    }
}
