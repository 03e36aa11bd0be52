using System.Management.Automation;
using OpenCharly.Foundation;
using OpenCharly.Operations;
using OpenCharly.PowerShell.Binding;
using OpenCharly.PowerShell.Completion;

namespace OpenCharly.PowerShell;

/// <summary>
/// A cmdlet that works on deployments that exist: keys are gathered from arguments and pipeline, wildcards are
/// expanded, and the work is done for several deployments at once when all are known.
/// </summary>
public abstract class CharlyDeploymentCmdlet : CharlyCmdlet
{
    private readonly HashSet<string> _asked = new(StringComparer.Ordinal);
    private readonly List<string> _names = [];

    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true,
        HelpMessage = "Deploy keys; wildcards are allowed. Takes deployments and machines from the pipeline.")]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [DeployKey]
    [ArgumentCompleter(typeof(DeploymentCompleter))]
    public string[] Name { get; set; } = [];

    [Parameter(HelpMessage = "How many targets are worked on at the same time.")]
    [ValidateRange(1, 128)]
    public int ThrottleLimit { get; set; } = 4;

    /// <inheritdoc/>
    protected sealed override void ProcessRecord()
    {
        foreach (var name in Name.SelectMany(Expand))
        {
            if (_asked.Add(name) && Approve(name)) _names.Add(name);
        }
    }

    /// <inheritdoc/>
    protected sealed override void EndProcessing() => RunEach(_names, ThrottleLimit, WorkOnAsync);

    /// <summary>Asks the user, for cmdlets that change something.</summary>
    private protected virtual bool Approve(string name) => true;

    /// <summary>Does the work for one deployment.</summary>
    private protected abstract Task WorkOnAsync(Work work, string name);

    private IEnumerable<string> Expand(string name)
    {
        if (!NamePattern.IsPattern(name)) return [name];
        var query = new BundleQuery { Names = [name], Probe = false };
        return TryAsk(name, work => new GetBundles(work.Context).RunAsync(query, work.Cancel), out var bundles)
            ? bundles.Select(bundle => bundle.Name)
            : [];
    }
}
