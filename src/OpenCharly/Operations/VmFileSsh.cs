using OpenCharly.Foundation;
using OpenCharly.Vms;
using OpenCharly.Vms.Definitions;
using OpenCharly.Vms.Ssh;

namespace OpenCharly.Operations;

/// <summary>How ssh reaches a VMFile machine: account and keys of its <c>ssh</c> block, which is read anew each time (vm.md §5.5, §8).</summary>
internal sealed class VmFileSsh(VmServices services)
{
    private static readonly string[] UsualKeys = ["id_ed25519", "id_ecdsa", "id_rsa"];

    /// <summary>The machine that is meant when no name is given: the only one of a VMFile.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.Usage"/> if there are several, and what <see cref="ReadVmFile"/> throws.</exception>
    public static VmName Infer(CharlyContext context, string? file)
    {
        var reader = new ReadVmFile(context);
        if (file is null && !File.Exists(reader.DefaultPath))
        {
            throw new CharlyException(
                Errors.Usage, $"the NAME of the machine is missing, and there is no {reader.DefaultPath} to tell it", "Name the machine, or the VMFile with --file.");
        }

        var document = reader.Run(file);
        if (document.Machines is [var only]) return VmName.VmFile(only.Name);
        throw new CharlyException(
            Errors.Usage,
            $"{document.Path} defines {document.Machines.Count} machines, and none is named",
            $"Say which: --name {string.Join(" or --name ", document.Machines.Select(m => m.Name))}.");
    }

    /// <summary>Account and key that a VMFile says for a machine.</summary>
    /// <param name="name">The machine.</param>
    /// <param name="file">The VMFile; null for the one of the project's folder, if it defines the machine.</param>
    /// <exception cref="CharlyException">The named file can't be read, or does not define the machine.</exception>
    public VmDefinitionSsh? Find(VmName name, string? file)
    {
        if (!name.IsVmFile) return null;
        if (file is not null) return new ReadVmFile(services.Context).Run(file).Select([name.Entity])[0].Ssh;
        var reader = new ReadVmFile(services.Context);
        if (!File.Exists(reader.DefaultPath)) return null;
        try
        {
            return reader.Run().Machines.FirstOrDefault(m => m.Name == name.Entity)?.Ssh;
        }
        catch (CharlyException e)
        {
            // Nobody said that this file has to do with the machine, so it must not keep one from logging in.
            services.Notice(NoticeLevel.Warning, $"the VMFile here is not heeded: {e.Message}");
            return null;
        }
    }

    /// <summary>Writes the machine's stanza.</summary>
    /// <param name="handle">The machine.</param>
    /// <param name="ssh">What the author says; null for defaults.</param>
    /// <param name="cancellationToken">Ends the wait for the file's lock.</param>
    public async Task PublishAsync(VmHandle handle, VmDefinitionSsh? ssh, CancellationToken cancellationToken)
    {
        if (handle.Network.Type == "None") return;
        var name = VmName.Of(handle);
        var files = services.Files(name);
        var keys = Keys(files, ssh);
        var isKnown = File.Exists(files.HostKey);
        await services.SshConfig.SetAsync(
            new SshStanza(
                name.Alias, await HostAsync(handle, cancellationToken).ConfigureAwait(false), handle.SshHostPort ?? 22, ssh?.User ?? handle.SshUser ?? "vm", keys.FirstOrDefault(), files.KnownHosts, isKnown)
            {
                MoreIdentityFiles = [.. keys.Skip(1)],
            },
            cancellationToken).ConfigureAwait(false);
    }

    /// <summary>All keys that there are, in the order in which they are offered.</summary>
    private string[] Keys(VmFiles files, VmDefinitionSsh? ssh)
    {
        if (ssh?.PrivateKey is { } named && !File.Exists(named)) services.Notice(NoticeLevel.Warning, $"there is no private key {named}; the other keys are tried");
        var usual = UsualKeys.Select(k => Path.Combine(services.Context.Environment.Home, ".ssh", k));
        string?[] all = [files.Key, ssh?.PrivateKey, .. usual];
        return [.. all.OfType<string>().Where(File.Exists).Distinct(StringComparer.Ordinal)];
    }

    private async Task<string> HostAsync(VmHandle handle, CancellationToken cancellationToken) =>
        handle.SshHostPort is not null ? PortAllocator.Loopback
        : await services.Router.For(handle).AddressAsync(handle, cancellationToken).ConfigureAwait(false) ?? PortAllocator.Loopback;
}
