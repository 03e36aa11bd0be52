using System.Management.Automation;
using OpenCharly.Model;
using OpenCharly.Operations;
using OpenCharly.PowerShell.Completion;

namespace OpenCharly.PowerShell.Commands;

/// <summary>Starts new candies of the project: files that are valid, and say where to go on.</summary>
[Cmdlet(VerbsCommon.New, "CharlyCandy", SupportsShouldProcess = true)]
[OutputType(typeof(Candy))]
public sealed class NewCharlyCandyCommand : CharlyCmdlet
{
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true,
        HelpMessage = "Names of the new candies.")]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(CandyCompleter))]
    public string[] Name { get; set; } = [];

    /// <inheritdoc/>
    protected override void ProcessRecord() => RunEach(
        [.. Name.Where(name => ShouldProcess($"candy {name}", "Create"))],
        1,
        async (work, name) => work.Write(await new NewCandy(work.Context).RunAsync(name, work.Cancel).ConfigureAwait(false)));
}
