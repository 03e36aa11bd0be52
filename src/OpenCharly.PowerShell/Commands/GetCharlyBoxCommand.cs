using System.Management.Automation;
using OpenCharly.Boxes;
using OpenCharly.Operations;
using OpenCharly.PowerShell.Completion;

namespace OpenCharly.PowerShell.Commands;

/// <summary>Looks into the boxes of the project, or into their images in local storage.</summary>
[Cmdlet(VerbsCommon.Get, "CharlyBox")]
[OutputType(typeof(BoxDetails), typeof(BoxImage))]
public sealed class GetCharlyBoxCommand : CharlyCmdlet
{
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true,
        HelpMessage = "Names of boxes; wildcards are allowed. All if left out.")]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(BoxCompleter))]
    public string[] Name { get; set; } = ["*"];

    [Parameter(HelpMessage = "Emits the images in local storage, with the labels that they carry.")]
    public SwitchParameter Image { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord() => RunEach(Name, 1, async (work, name) =>
    {
        var inspect = new InspectBox(work.Context);
        if (!Image)
        {
            foreach (var box in await inspect.RunAsync(name, work.Cancel).ConfigureAwait(false)) work.Write(box);
        }
        else if (WildcardPattern.ContainsWildcardCharacters(name))
        {
            var pattern = new WildcardPattern(name);
            foreach (var image in (await inspect.ImagesAsync(work.Cancel).ConfigureAwait(false)).Where(i => pattern.IsMatch(i.Labels.Box))) work.Write(image);
        }
        else
        {
            work.Write(await inspect.ImageAsync(name, cancellationToken: work.Cancel).ConfigureAwait(false));
        }
    });
}
