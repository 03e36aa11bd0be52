using System.Management.Automation;
using OpenCharly.Operations;
using OpenCharly.PowerShell.Completion;

namespace OpenCharly.PowerShell.Commands;

/// <summary>Lists deployments of every target with their live state.</summary>
[Cmdlet(VerbsCommon.Get, "CharlyStatus")]
[OutputType(typeof(DeploymentState))]
public sealed class GetCharlyStatusCommand : CharlyCmdlet
{
    private readonly HashSet<string> _seen = new(StringComparer.Ordinal);

    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true,
        HelpMessage = "Deploy keys, and names of machines; wildcards are allowed. All if left out.")]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(DeploymentCompleter))]
    public string[] Name { get; set; } = [];

    [Parameter(HelpMessage = "Only what runs.")]
    public SwitchParameter Running { get; set; }

    [Parameter(HelpMessage = "Also asks each running container what it has mounted and which tools in it answer.")]
    public SwitchParameter Detailed { get; set; }

    [Parameter(HelpMessage = "Also looks at deployments inside of others.")]
    public SwitchParameter Nested { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (Name.Length == 0) Run("deployments", work => ListAsync(work, []));
        else RunEach(Name, 1, (work, name) => ListAsync(work, [name]));
    }

    private async Task ListAsync(Work work, string[] names)
    {
        foreach (var row in await new GetStatus(work.Context).RunAsync(new StatusQuery { Names = names, RunningOnly = Running, Details = Detailed, Nested = Nested }, work.Cancel).ConfigureAwait(false))
        {
            if (_seen.Add($"{row.Kind} {row.Name}")) work.Write(row);
        }
    }
}
