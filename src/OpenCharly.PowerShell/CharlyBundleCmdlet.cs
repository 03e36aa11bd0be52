using System.Management.Automation;
using OpenCharly.Foundation;
using OpenCharly.Model;
using OpenCharly.Operations;
using OpenCharly.PowerShell.Binding;
using OpenCharly.PowerShell.Completion;

namespace OpenCharly.PowerShell;

/// <summary>What compiling and applying a bundle have in common: the same parameters make the same plan.</summary>
public abstract class CharlyBundleCmdlet : CharlyCmdlet
{
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true,
        HelpMessage = "Deploy keys, such as vm:web, host or the name of an entry; wildcards are allowed. Takes machines and deployments from the pipeline.")]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [DeployKey]
    [ArgumentCompleter(typeof(DeploymentCompleter))]
    public string[] Name { get; set; } = [];

    [Parameter(Position = 1, HelpMessage = "Candy or box to apply; the entry's own if left out.")]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(CandyCompleter))]
    public string? Ref { get; set; }

    [Parameter(HelpMessage = "Candies to lay over those of the entry, in order.")]
    [ValidateNotNullOrEmpty]
    [Alias("AddLayer")]
    [ArgumentCompleter(typeof(CandyCompleter))]
    public string[] AddCandy { get; set; } = [];

    [Parameter(HelpMessage = "Opens the gate for services: units may be written and enabled.")]
    public SwitchParameter WithServices { get; set; }

    [Parameter(HelpMessage = "Opens the gate for package repositories: they may be added and changed.")]
    public SwitchParameter AllowRepoChanges { get; set; }

    [Parameter(HelpMessage = "Opens the gate for root tasks: scripts of candies may run as root.")]
    public SwitchParameter AllowRootTasks { get; set; }

    [Parameter(HelpMessage = "Leaves out candies without a section for the target's distribution, instead of an error.")]
    public SwitchParameter SkipIncompatible { get; set; }

    [Parameter(HelpMessage = "Image that language builders run in, instead of those of the candies.")]
    [ValidateNotNullOrEmpty]
    public string? BuilderImage { get; set; }

    [Parameter(HelpMessage = "Opens all three gates and skips the check for root rights.")]
    public SwitchParameter Yes { get; set; }

    [Parameter(HelpMessage = "Pins the version of the image.")]
    [ValidateNotNullOrEmpty]
    public string? Tag { get; set; }

    [Parameter(HelpMessage = "Fetches remote references anew.")]
    public SwitchParameter Pull { get; set; }

    [Parameter(HelpMessage = "Applies steps again that are on record.")]
    public SwitchParameter Force { get; set; }

    [Parameter(HelpMessage = "Ends in an error instead of starting a machine that is off.")]
    public SwitchParameter NoStart { get; set; }

    [Parameter(HelpMessage = "How many seconds to wait for ssh; 120 if left out.")]
    [ValidateRange(1, 86400)]
    public int? SshTimeoutSec { get; set; }

    [Parameter(HelpMessage = "Host to deploy to instead of the entry's: local, [user@]host[:port] or an ssh alias.")]
    [Alias("Host")]
    [ValidateNotNullOrEmpty]
    public string? TargetHost { get; set; }

    [Parameter(HelpMessage = "How many targets are worked on at the same time.")]
    [ValidateRange(1, 128)]
    public int ThrottleLimit { get; set; } = 4;

    /// <summary>The deployments that a name means; a plain one need not be known yet.</summary>
    private protected IEnumerable<string> Expand(string name)
    {
        if (!NamePattern.IsPattern(name)) return [name];
        var query = new BundleQuery { Names = [name], Probe = false };
        return TryAsk(name, work => new GetBundles(work.Context).RunAsync(query, work.Cancel), out var bundles)
            ? bundles.Select(bundle => bundle.Name)
            : [];
    }

    /// <summary>The request for one deployment.</summary>
    private protected virtual BundleRequest RequestFor(string name) => new()
    {
        Name = name,
        Ref = Ref,
        AddCandies = AddCandy,
        Options = new InstallOptions
        {
            WithServices = WithServices,
            AllowRepoChanges = AllowRepoChanges,
            AllowRootTasks = AllowRootTasks,
            SkipIncompatible = SkipIncompatible,
            BuilderImage = BuilderImage,
            Yes = Yes,
        },
        Tag = Tag,
        Pull = Pull,
        Force = Force,
        NoStart = NoStart,
        SshTimeout = SshTimeoutSec is { } seconds ? TimeSpan.FromSeconds(seconds) : null,
        Host = TargetHost,
    };

    /// <summary>What is applied, in the words of a question to the user.</summary>
    private protected string Content()
    {
        var primary = Ref is null ? "the configured bundle" : Ref;
        return AddCandy.Length == 0 ? primary : $"{primary} with {string.Join(", ", AddCandy)}";
    }
}
