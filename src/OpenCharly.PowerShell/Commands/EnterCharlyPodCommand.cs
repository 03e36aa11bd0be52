using System.Management.Automation;
using OpenCharly.Operations;
using OpenCharly.PowerShell.Binding;
using OpenCharly.PowerShell.Completion;

namespace OpenCharly.PowerShell.Commands;

/// <summary>Opens a shell in a pod, or in a throw-away container of its image, on this terminal.</summary>
[Cmdlet(VerbsCommon.Enter, "CharlyPod")]
public sealed class EnterCharlyPodCommand : CharlyCmdlet
{
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true, HelpMessage = "Deploy key of the pod.")]
    [ValidateNotNullOrEmpty]
    [PodName]
    [ArgumentCompleter(typeof(PodNameCompleter))]
    public string Name { get; set; } = "";

    [Parameter(HelpMessage = "Command line to run instead of a shell.")]
    [ValidateNotNullOrEmpty]
    public string? Command { get; set; }

    [Parameter(HelpMessage = "Variables NAME=value for the command.")]
    public string[] Environment { get; set; } = [];

    [Parameter(HelpMessage = "File of variables for the command.")]
    [ValidateNotNullOrEmpty]
    public string? EnvironmentFile { get; set; }

    [Parameter(HelpMessage = "Builds the image of the box first, and takes a throw-away container of it.")]
    public SwitchParameter Build { get; set; }

    [Parameter(HelpMessage = "Does not look for devices of this machine, for a throw-away container.")]
    public SwitchParameter NoAutodetect { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var request = Request();
        if (TryAsk(Name, work => EnterAsync(work, request), out var exitCode)) SessionState.PSVariable.Set("global:LASTEXITCODE", exitCode);
    }

    private EnterPodRequest Request() => new()
    {
        Name = Name, Command = Command, Environment = Environment, EnvironmentFile = this.FileAtOrNull(EnvironmentFile), Build = Build, Autodetect = !NoAutodetect,
    };

    private static async Task<int> EnterAsync(Work work, EnterPodRequest request)
    {
        var session = await new EnterPod(work.Context).RunAsync(request, work.Cancel).ConfigureAwait(false);
        return await Terminal.RunAsync(session, work.Context.Environment.WorkingDirectory, work.Cancel).ConfigureAwait(false);
    }
}
