using System.Management.Automation;
using OpenCharly.Operations;
using OpenCharly.PowerShell.Binding;
using OpenCharly.PowerShell.Completion;

namespace OpenCharly.PowerShell.Commands;

/// <summary>Lists pods with their live state.</summary>
[Cmdlet(VerbsCommon.Get, "CharlyPod")]
[OutputType(typeof(CharlyPod))]
public sealed class GetCharlyPodCommand : CharlyCmdlet
{
    private readonly HashSet<string> _seen = new(StringComparer.Ordinal);

    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true,
        HelpMessage = "Deploy keys of pods; wildcards are allowed. All if left out.")]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [PodName]
    [ArgumentCompleter(typeof(PodNameCompleter))]
    public string[] Name { get; set; } = [];

    [Parameter(HelpMessage = "Only pods that run.")]
    public SwitchParameter Running { get; set; }

    [Parameter(HelpMessage = "Also asks each running container what it has mounted and which tools in it answer.")]
    public SwitchParameter Detailed { get; set; }

    [Parameter(HelpMessage = "Also looks at deployments inside of pods.")]
    public SwitchParameter Nested { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (Name.Length == 0) Run("pods", work => ListAsync(work, []));
        else RunEach(Name, 1, (work, name) => ListAsync(work, [name]));
    }

    private async Task ListAsync(Work work, string[] names)
    {
        foreach (var pod in await new GetPods(work.Context).RunAsync(new PodQuery { Names = names, RunningOnly = Running, Details = Detailed, Nested = Nested }, work.Cancel).ConfigureAwait(false))
        {
            if (_seen.Add(pod.Name)) work.Write(pod);
        }
    }
}
