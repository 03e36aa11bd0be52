using OpenCharly.Foundation;
using OpenCharly.Model;
using OpenCharly.Vms;
using OpenCharly.Vms.CloudInit;
using OpenCharly.Vms.Keys;

namespace OpenCharly.Operations;

/// <summary>The cloud-init documents of a project's machine: written by <c>create</c>, and rendered again to see whether they still hold.</summary>
internal static class VmSeed
{
    /// <summary>Renders the documents.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.VmValidation"/> for a bad <c>extra</c>.</exception>
    public static CloudInitDocuments Render(VmName name, VmSpec spec, string user, string? publicKey, string instanceId, GuestHostKey? hostKey) =>
        CloudInitRenderer.Render(new CloudInitInput
        {
            MachineName = name.Instance is null ? name.Entity : $"{name.Entity}-{name.Instance}",
            InstanceId = instanceId,
            Source = spec.Source,
            SshUser = user,
            Config = spec.CloudInit,
            PublicKey = publicKey,
            HostKey = hostKey,
        });

    /// <summary>Whether the entity's cloud-init is another one than what the machine was created with (vm.md §5.3).</summary>
    public static async Task<bool> IsStaleAsync(CharlyContext context, VmName name, VmSpec spec, VmDeployState? state, CancellationToken cancellationToken)
    {
        var files = new VmFiles(context.Paths, name.Id);
        if (state is not { CloudInitRenderedDigest: { } digest, InstanceId: { } instanceId } || !VmPlacement.HasSeed(spec) || !File.Exists(files.HostKey)) return false;
        var keys = new SshKeys(context.Environment, context.Processes);
        var hostKey = await keys.EnsureHostKeyAsync(files.Folder, cancellationToken).ConfigureAwait(false);

        // The create may have been told of another key than the entity's; that is no change of the entity.
        var candidates = new List<string?> { null };
        if (state.KeyInjectionCloudInit == true)
        {
            if (File.Exists(files.Key + ".pub")) candidates.Add((await keys.EnsurePairAsync(files.Key, cancellationToken: cancellationToken).ConfigureAwait(false)).PublicKey);
            if (spec.Ssh.KeySource is not ("generate" or "none")) candidates.Add((await keys.ResolveAsync(spec.Ssh.KeySource, files.Folder, cancellationToken).ConfigureAwait(false))?.PublicKey);
        }

        return candidates.Distinct().All(key => Render(name, spec, state.SshUser ?? VmPlacement.SshUser(spec), key, instanceId, hostKey).Digest != digest);
    }
}
