using System.Management.Automation;
using OpenCharly.Operations;
using OpenCharly.Pods.Volumes;
using OpenCharly.PowerShell.Binding;
using OpenCharly.PowerShell.Completion;

namespace OpenCharly.PowerShell.Commands;

/// <summary>Saves the choices for a pod in its entry and writes its quadlet.</summary>
[Cmdlet(VerbsCommon.Set, "CharlyPod", SupportsShouldProcess = true)]
[OutputType(typeof(PodConfiguration))]
public sealed class SetCharlyPodCommand : CharlyCmdlet
{
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true,
        HelpMessage = "Deploy keys of pods, or names of boxes that have none yet.")]
    [ValidateNotNullOrEmpty]
    [PodName]
    [ArgumentCompleter(typeof(PodNameCompleter))]
    public string[] Name { get; set; } = [];

    [Parameter(HelpMessage = "Version of the box, for this run.")]
    [ValidateNotNullOrEmpty]
    public string? Tag { get; set; }

    [Parameter(HelpMessage = "Variables NAME=value; kept in the entry.")]
    public string[] Environment { get; set; } = [];

    [Parameter(HelpMessage = "Forgets the variables of the entry first.")]
    public SwitchParameter Clean { get; set; }

    [Parameter(HelpMessage = "File of variables; kept in the entry.")]
    [ValidateNotNullOrEmpty]
    public string? EnvironmentFile { get; set; }

    [Parameter(HelpMessage = "Pins of ports, HOST:CONTAINER; kept in the entry.")]
    public string[] Port { get; set; } = [];

    [Parameter(HelpMessage = "Backing of volumes, NAME:TYPE[:PATH] with type volume, bind or encrypted; kept in the entry.")]
    public string[] Volume { get; set; } = [];

    [Parameter(HelpMessage = "Leaves encrypted volumes mounted.")]
    public SwitchParameter KeepMounted { get; set; }

    [Parameter(HelpMessage = "Secrets of the image to renew; all for every one.")]
    public string[] RefreshSecret { get; set; } = [];

    [Parameter(HelpMessage = "Hard memory limit, such as 2g; kept in the entry.")]
    [ValidateNotNullOrEmpty]
    public string? MemoryMax { get; set; }

    [Parameter(HelpMessage = "Memory above which the kernel throttles; kept in the entry.")]
    [ValidateNotNullOrEmpty]
    public string? MemoryHigh { get; set; }

    [Parameter(HelpMessage = "Swap limit; kept in the entry.")]
    [ValidateNotNullOrEmpty]
    public string? MemorySwapMax { get; set; }

    [Parameter(HelpMessage = "Processors, such as 1.5; kept in the entry.")]
    [ValidateNotNullOrEmpty]
    public string? Cpus { get; set; }

    [Parameter(HelpMessage = "Copies no files of the image into volumes.")]
    public SwitchParameter NoSeed { get; set; }

    [Parameter(HelpMessage = "Sidecars by the names of their templates; kept in the entry.")]
    public string[] Sidecar { get; set; } = [];

    [Parameter(HelpMessage = "Writes the quadlets of all other configured pods anew.")]
    public SwitchParameter UpdateAll { get; set; }

    [Parameter(HelpMessage = "Builds the image of the box first.")]
    public SwitchParameter Build { get; set; }

    [Parameter(HelpMessage = "Does not look for devices of this machine.")]
    public SwitchParameter NoAutodetect { get; set; }

    [Parameter(HelpMessage = "Writes nothing, and emits what would be written.")]
    public SwitchParameter DryRun { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        string[] approved = [.. Name.Where(n => DryRun || ShouldProcess($"pod {n}", "Configure"))];
        RunEach([.. approved.Select(Request)], 1, request => request.Name, async (work, request) => work.Write(await new ConfigurePod(work.Context).RunAsync(request, work.Cancel).ConfigureAwait(false)));
    }

    private ConfigurePodRequest Request(string name) => new()
    {
        Name = name,
        Tag = Tag,
        Environment = Environment,
        Clean = Clean,
        EnvironmentFile = this.FileAtOrNull(EnvironmentFile),
        Ports = Port,
        Volumes = Volume,
        KeepMounted = KeepMounted,
        RefreshSecrets = RefreshSecret,
        MemoryMax = MemoryMax,
        MemoryHigh = MemoryHigh,
        MemorySwapMax = MemorySwapMax,
        Cpus = Cpus,
        Seed = NoSeed ? null : SeedMode.Initial,
        Sidecars = Sidecar,
        UpdateAll = UpdateAll,
        Autodetect = !NoAutodetect,
        Build = Build,
        DryRun = DryRun,
    };
}
