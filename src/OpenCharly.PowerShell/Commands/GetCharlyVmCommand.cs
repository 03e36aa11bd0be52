using System.Management.Automation;
using OpenCharly.Operations;
using OpenCharly.PowerShell.Binding;
using OpenCharly.PowerShell.Completion;
using OpenCharly.Vms;

namespace OpenCharly.PowerShell.Commands;

/// <summary>Lists virtual machines with their live state.</summary>
[Cmdlet(VerbsCommon.Get, "CharlyVm")]
[OutputType(typeof(CharlyVm))]
public sealed class GetCharlyVmCommand : CharlyCmdlet
{
    private readonly HashSet<string> _seen = new(StringComparer.Ordinal);

    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true,
        HelpMessage = "Names of virtual machines; wildcards are allowed. All if left out.")]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [VmName]
    [ArgumentCompleter(typeof(VmNameCompleter))]
    public string[] Name { get; set; } = [];

    [Parameter(HelpMessage = "Only machines that run or are suspended.")]
    public SwitchParameter Running { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (Name.Length == 0) Run("virtual machines", work => ListAsync(work, []));
        else RunEach(Name, 1, (work, name) => ListAsync(work, [name]));
    }

    private async Task ListAsync(Work work, string[] names)
    {
        var query = new VmQuery { Names = names, RunningOnly = Running };
        foreach (var vm in await new GetVms(work.Context).RunAsync(query, work.Cancel).ConfigureAwait(false))
        {
            // The engine lists every machine of VMFiles, as the command does by default; here -Running means what it says.
            if (Running && vm.Status is not (VmStatus.Running or VmStatus.Suspended)) continue;
            if (_seen.Add(vm.Name)) work.Write(vm);
        }
    }
}
