using System.Management.Automation;
using OpenCharly.Operations;
using OpenCharly.Plans;

namespace OpenCharly.PowerShell.Commands;

/// <summary>Compiles install plans without changing anything: what they show is what Add-CharlyBundle does.</summary>
[Cmdlet(VerbsCommon.Get, "CharlyPlan")]
[OutputType(typeof(InstallPlan))]
public sealed class GetCharlyPlanCommand : CharlyBundleCmdlet
{
    private readonly HashSet<string> _seen = new(StringComparer.Ordinal);
    private readonly List<string> _names = [];

    /// <inheritdoc/>
    protected override void ProcessRecord() => _names.AddRange(Name.SelectMany(Expand).Where(_seen.Add));

    /// <inheritdoc/>
    protected override void EndProcessing() => RunEach(_names, ThrottleLimit, async (work, name) =>
        work.Write(await new CompilePlan(work.Context).RunAsync(RequestFor(name), work.Cancel).ConfigureAwait(false)));
}
