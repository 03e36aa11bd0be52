using System.Management.Automation;
using OpenCharly.Operations;
using OpenCharly.PowerShell.Completion;

namespace OpenCharly.PowerShell.Commands;

/// <summary>Lists the images in the cache, or looks into images.</summary>
[Cmdlet(VerbsCommon.Get, "CharlyImage")]
[OutputType(typeof(VmImage))]
public sealed class GetCharlyImageCommand : CharlyCmdlet
{
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true,
        HelpMessage = "Names of images in the cache, with wildcards, or paths of images; all in the cache if left out.")]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(ImageCompleter))]
    public string[] Name { get; set; } = [];

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (Name.Length == 0)
        {
            Run("images", work =>
            {
                foreach (var image in new GetImages(work.Context).Run()) work.Write(image);
                return Task.CompletedTask;
            });
            return;
        }

        RunEach(Name, 1, async (work, name) =>
        {
            var images = new GetImages(work.Context);
            if (!WildcardPattern.ContainsWildcardCharacters(name))
            {
                work.Write(await images.InspectAsync(name, work.Cancel).ConfigureAwait(false));
                return;
            }

            var pattern = new WildcardPattern(name);
            foreach (var found in images.Names().Where(pattern.IsMatch)) work.Write(await images.InspectAsync(found, work.Cancel).ConfigureAwait(false));
        });
    }
}
