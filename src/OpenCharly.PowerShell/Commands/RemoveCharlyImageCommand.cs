using System.Management.Automation;
using OpenCharly.Operations;
using OpenCharly.PowerShell.Completion;

namespace OpenCharly.PowerShell.Commands;

/// <summary>Removes images from the cache; refused while a machine's disk stands on one.</summary>
[Cmdlet(VerbsCommon.Remove, "CharlyImage", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
public sealed class RemoveCharlyImageCommand : CharlyCmdlet
{
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true,
        HelpMessage = "Names of images in the cache; wildcards are allowed.")]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(ImageCompleter))]
    public string[] Name { get; set; } = [];

    /// <inheritdoc/>
    protected override void ProcessRecord() => RunEach(
        [.. Name.SelectMany(Expand).Where(n => ShouldProcess($"image {n}", "Remove"))], 1, (work, name) => new RemoveImage(work.Context).RunAsync(name, work.Cancel));

    private IEnumerable<string> Expand(string name)
    {
        if (!WildcardPattern.ContainsWildcardCharacters(name)) return [name];
        var pattern = new WildcardPattern(name);
        return TryAsk(name, work => Task.FromResult(new GetImages(work.Context).Names().ToArray()), out var names) ? names.Where(pattern.IsMatch) : [];
    }
}
