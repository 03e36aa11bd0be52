using System.Management.Automation;
using OpenCharly.Operations;

namespace OpenCharly.PowerShell.Commands;

/// <summary>Builds the images of boxes, with what they stand on and what builds for them.</summary>
[Cmdlet("Build", "CharlyBox", SupportsShouldProcess = true)]
[OutputType(typeof(BuiltBox))]
public sealed class BuildCharlyBoxCommand : CharlyBoxCmdlet
{
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

    private protected override string Action => Push ? "Build and push" : "Build";

    private protected override async Task RunAsync(Work work, IReadOnlyList<string> names)
    {
        var request = new BuildBoxesRequest
        {
            Names = names, Tag = Tag, Push = Push, Platforms = Platform, Cache = Cache, Jobs = ThrottleLimit, IncludeDisabled = IncludeDisabled,
        };
        foreach (var box in await new BuildBoxes(work.Context).RunAsync(request, work.Cancel).ConfigureAwait(false)) work.Write(box);
    }
}
