using System.Management.Automation;
using OpenCharly.Operations;
using OpenCharly.PowerShell.Completion;

namespace OpenCharly.PowerShell.Commands;

/// <summary>Builds the images of boxes, with what they stand on and what builds for them.</summary>
[Cmdlet("Build", "CharlyBox", SupportsShouldProcess = true)]
[OutputType(typeof(BuiltBox))]
public sealed class BuildCharlyBoxCommand : CharlyCmdlet
{
    private readonly List<string> _names = [];

    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true,
        HelpMessage = "Names of boxes; all that are enabled if left out.")]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(BoxCompleter))]
    public string[] Name { get; set; } = [];

    [Parameter(HelpMessage = "Tag of the images; what the boxes say, else the time as YYYY.DDD.HHMM, if left out.")]
    [ValidateNotNullOrEmpty]
    public string? Tag { get; set; }

    [Parameter(HelpMessage = "Pushes each image to the registry of its box.")]
    public SwitchParameter Push { get; set; }

    [Parameter(HelpMessage = "Platforms to build for, such as linux/arm64; this machine's if left out.")]
    [ValidateNotNullOrEmpty]
    public string[] Platform { get; set; } = [];

    [Parameter(HelpMessage = "Where layers of earlier builds come from.")]
    [ValidateSet("image", "registry", "gha", "none")]
    public string? Cache { get; set; }

    [Parameter(HelpMessage = "Number of boxes that are built at once.")]
    [ValidateRange(1, 64)]
    public int? ThrottleLimit { get; set; }

    [Parameter(HelpMessage = "Takes disabled boxes, too, if no name is given.")]
    public SwitchParameter IncludeDisabled { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord() => _names.AddRange(Name);

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        // All at once: a base that several boxes share is built once.
        var what = _names.Count == 0 ? "all boxes" : string.Join(", ", _names);
        if (!ShouldProcess(what, Push ? "Build and push" : "Build")) return;
        RunAll(async work =>
        {
            var request = new BuildBoxesRequest
            {
                Names = _names, Tag = Tag, Push = Push, Platforms = Platform, Cache = Cache, Jobs = ThrottleLimit, IncludeDisabled = IncludeDisabled,
            };
            foreach (var box in await new BuildBoxes(work.Context).RunAsync(request, work.Cancel).ConfigureAwait(false)) work.Write(box);
        });
    }
}
