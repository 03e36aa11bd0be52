using System.Management.Automation;
using OpenCharly.Model;
using OpenCharly.Operations;
using OpenCharly.PowerShell.Completion;

namespace OpenCharly.PowerShell.Commands;

/// <summary>Lists the candies of the project.</summary>
[Cmdlet(VerbsCommon.Get, "CharlyCandy")]
[OutputType(typeof(Candy))]
public sealed class GetCharlyCandyCommand : CharlyCmdlet
{
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true,
        HelpMessage = "Names of candies; wildcards are allowed. All if left out.")]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(CandyCompleter))]
    public string[] Name { get; set; } = ["*"];

    /// <inheritdoc/>
    protected override void ProcessRecord() => RunEach(Name, 1, async (work, name) =>
    {
        foreach (var candy in await new GetCandies(work.Context).RunAsync([name], work.Cancel).ConfigureAwait(false)) work.Write(candy);
    });
}
