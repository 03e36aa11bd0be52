using System.Management.Automation;
using OpenCharly.Foundation;
using OpenCharly.Operations;
using OpenCharly.PowerShell.Binding;
using OpenCharly.PowerShell.Completion;

namespace OpenCharly.PowerShell;

/// <summary>
/// A cmdlet that works on pods that exist: keys are gathered from arguments and pipeline, wildcards are expanded, and the
/// work is done for several pods at once when all are known.
/// </summary>
public abstract class CharlyPodCmdlet : CharlyCmdlet
{
    private readonly HashSet<string> _asked = new(StringComparer.Ordinal);
    private readonly List<string> _pods = [];

    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true,
        HelpMessage = "Deploy keys of pods; wildcards are allowed. Takes pods from the pipeline.")]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [PodName]
    [ArgumentCompleter(typeof(PodNameCompleter))]
    public string[] Name { get; set; } = [];

    [Parameter(HelpMessage = "How many pods are worked on at the same time.")]
    [ValidateRange(1, 128)]
    public int ThrottleLimit { get; set; } = 4;

    /// <inheritdoc/>
    protected sealed override void ProcessRecord()
    {
        foreach (var name in Name.SelectMany(Expand))
        {
            if (_asked.Add(name) && Approve(name)) _pods.Add(name);
        }
    }

    /// <inheritdoc/>
    protected sealed override void EndProcessing() => RunEach(_pods, ThrottleLimit, WorkOnAsync);

    /// <summary>Asks the user, for cmdlets that change something.</summary>
    private protected virtual bool Approve(string name) => true;

    /// <summary>Does the work for one pod.</summary>
    private protected abstract Task WorkOnAsync(Work work, string name);

    private IEnumerable<string> Expand(string name)
    {
        if (!NamePattern.IsPattern(name)) return [name];
        return TryAsk(name, work => new GetPods(work.Context).RunAsync(new PodQuery { Names = [name], Probe = false }, work.Cancel), out var pods) ? pods.Select(pod => pod.Name) : [];
    }
}
