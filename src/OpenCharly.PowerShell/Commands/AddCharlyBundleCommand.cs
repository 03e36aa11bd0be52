using System.Management.Automation;
using OpenCharly.Operations;
using OpenCharly.Plans;
using OpenCharly.Targets;

namespace OpenCharly.PowerShell.Commands;

/// <summary>Applies bundles to their targets.</summary>
[Cmdlet(VerbsCommon.Add, "CharlyBundle", SupportsShouldProcess = true)]
[OutputType(typeof(DeployResult), typeof(InstallPlan))]
public sealed class AddCharlyBundleCommand : CharlyBundleCmdlet
{
    private readonly HashSet<string> _asked = new(StringComparer.Ordinal);
    private readonly List<string> _names = [];

    [Parameter(HelpMessage = "Emits the plan and changes nothing.")]
    public SwitchParameter DryRun { get; set; }

    [Parameter(HelpMessage = "Only this deployment: neither its nested children nor its peers.")]
    public SwitchParameter NodeOnly { get; set; }

    [Parameter(HelpMessage = "Marks the entry as one that may be destroyed unattended.")]
    public SwitchParameter Disposable { get; set; }

    [Parameter(HelpMessage = "Runs the candies' checks afterwards; one that fails is an error, and what was applied stands.")]
    public SwitchParameter Verify { get; set; }

    [Parameter(HelpMessage = "Label for the entry, such as dev, test or prod.")]
    [ValidateNotNullOrEmpty]
    public string? Lifecycle { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord() =>
        _names.AddRange(Name.SelectMany(Expand).Where(_asked.Add).Where(name => DryRun || ShouldProcess(name, $"Apply {Content()}")));

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        if (DryRun) RunEach(_names, ThrottleLimit, async (work, name) => work.Write(await new CompilePlan(work.Context).RunAsync(RequestFor(name), work.Cancel).ConfigureAwait(false)));
        else if (_names.Count > 0) RunAll(work => new AddBundles(work.Context).RunAsync([.. _names.Select(RequestFor)], ThrottleLimit, work.WriteResult, work.Cancel));
    }

    private protected override BundleRequest RequestFor(string name)
    {
        var request = base.RequestFor(name);
        return request with { NodeOnly = NodeOnly, Disposable = Disposable, Lifecycle = Lifecycle, Options = request.Options with { Verify = Verify } };
    }
}
