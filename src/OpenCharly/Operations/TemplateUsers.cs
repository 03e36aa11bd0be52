using OpenCharly.Foundation;
using OpenCharly.Vms;
using OpenCharly.Vms.Images;

namespace OpenCharly.Operations;

/// <summary>Guards the files of templates while the disks of machines stand on them.</summary>
internal sealed class TemplateUsers(CharlyContext context)
{
    /// <summary>Refuses to change what lies in a folder that machines' disks stand on, or whose kernel they boot.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.TemplateInUse"/> naming a machine.</exception>
    public async Task RefuseAsync(string folder, CancellationToken cancellationToken)
    {
        var images = new QemuImg(context.Processes);
        var prefix = Path.GetFullPath(folder) + "/";
        foreach (var handle in new VmServices(context).Registry.Read().Values)
        {
            var boots = handle.DirectBoot?.Kernel.StartsWith(prefix, StringComparison.Ordinal) == true;
            if (!boots && File.Exists(handle.OverlayPath))
            {
                boots = (await images.InfoAsync(handle.OverlayPath!, cancellationToken).ConfigureAwait(false)).BackingFile?.StartsWith(prefix, StringComparison.Ordinal) == true;
            }

            if (!boots) continue;
            var vm = VmName.Of(handle);
            throw new CharlyException(Errors.TemplateInUse, $"machine {vm} stands on {folder}", $"Destroy the machine first: charly vm destroy {vm}. Nothing was changed.", target: vm.ToString());
        }
    }
}
