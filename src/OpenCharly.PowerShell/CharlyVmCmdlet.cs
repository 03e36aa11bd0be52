using System.Management.Automation;
using OpenCharly.Foundation;
using OpenCharly.Operations;
using OpenCharly.PowerShell.Binding;
using OpenCharly.PowerShell.Completion;

namespace OpenCharly.PowerShell;

/// <summary>
/// A cmdlet that works on machines that exist: names are gathered from arguments and pipeline, wildcards are expanded,
/// and the work is done for several machines at once when all are known.
/// </summary>
public abstract class CharlyVmCmdlet : CharlyCmdlet
{
    private readonly HashSet<string> _asked = new(StringComparer.Ordinal);
    private readonly List<string> _machines = [];

    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true,
        HelpMessage = "Names of virtual machines; wildcards are allowed. Takes machines from the pipeline.")]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [VmName]
    [ArgumentCompleter(typeof(VmNameCompleter))]
    public string[] Name { get; set; } = [];

    [Parameter(HelpMessage = "How many machines are worked on at the same time.")]
    [ValidateRange(1, 128)]
    public int ThrottleLimit { get; set; } = 4;

    /// <inheritdoc/>
    protected sealed override void ProcessRecord()
    {
        foreach (var name in Name.SelectMany(Expand))
        {
            if (_asked.Add(name) && Approve(name)) _machines.Add(name);
        }
    }

    /// <inheritdoc/>
    protected sealed override void EndProcessing() => RunEach(_machines, ThrottleLimit, WorkOnAsync);

    /// <summary>Asks the user, for cmdlets that change something.</summary>
    private protected virtual bool Approve(string name) => true;

    /// <summary>Does the work for one machine.</summary>
    private protected abstract Task WorkOnAsync(Work work, string name);

    private IEnumerable<string> Expand(string name)
    {
        if (!NamePattern.IsPattern(name)) return [name];
        return TryAsk(name, work => new GetVms(work.Context).RunAsync(new VmQuery { Names = [name] }, work.Cancel), out var machines)
            ? machines.Select(vm => vm.Name)
            : [];
    }
}
