using System.Management.Automation;
using OpenCharly.Operations;

namespace OpenCharly.PowerShell.Commands;

/// <summary>Downloads images into the cache.</summary>
[Cmdlet(VerbsData.Save, "CharlyImage", SupportsShouldProcess = true)]
[OutputType(typeof(VmImage))]
public sealed class SaveCharlyImageCommand : CharlyCmdlet
{
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true,
        HelpMessage = "Addresses of images; .zst and .zstd are decompressed; oci://HOST/REPOSITORY:TAG for one in a registry.")]
    [Alias("Uri")]
    [ValidateNotNullOrEmpty]
    public string[] Url { get; set; } = [];

    [Parameter(HelpMessage = "File name in the cache; the last part of the address if left out.")]
    [ValidateNotNullOrEmpty]
    public string? FileName { get; set; }

    [Parameter(HelpMessage = "Downloads it even if it is there.")]
    public SwitchParameter Refresh { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord() => RunEach([.. Url.Where(u => ShouldProcess(u, "Download"))], 1, async (work, url) =>
        work.Write(await new PullImage(work.Context).RunAsync(url, FileName, Refresh, work.Cancel).ConfigureAwait(false)));
}
