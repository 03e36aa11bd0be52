using OpenCharly.Execution;
using OpenCharly.Foundation;

namespace OpenCharly.Vms.Transfer;

/// <summary>What a guest's storage holds.</summary>
/// <param name="HasName">Whether it has an image of the name that was asked about.</param>
/// <param name="Id">That image's id; null if it can't be told, as of a damaged one.</param>
/// <param name="Layers">Digests of the unpacked layers of all images that are whole as far as podman looks.</param>
internal sealed record GuestStorage(bool HasName, string? Id, IReadOnlySet<string> Layers);

/// <summary>What an image in a guest is like.</summary>
/// <param name="Id">Its id; null if it is not there.</param>
/// <param name="IsTorn">Whether a container can't be made of it because its layers are damaged.</param>
/// <param name="Detail">What podman said of the damage.</param>
internal sealed record GuestImage(string? Id, bool IsTorn, string Detail);

/// <summary>The podman of a guest: root's, or that of the log-in user (vm.md §7.7).</summary>
/// <param name="shell">A session in the guest.</param>
/// <param name="vm">The machine, for messages.</param>
/// <param name="rootless">Whether the log-in user's own storage is meant.</param>
internal sealed class GuestPodman(IShellSession shell, string vm, bool rootless)
{
    private const int NotFound = 127;

    /// <summary>The command as a person would type it in the guest.</summary>
    public string Command => rootless ? "podman" : "sudo podman";

    /// <summary>Asks what is there.</summary>
    /// <param name="image">The name of interest, in full.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<GuestStorage> LookAsync(string image, CancellationToken cancellationToken)
    {
        var result = await RunAsync(
            $$$"""
            command -v podman >/dev/null || exit {{{NotFound}}}
            ids=$(podman images --all --quiet --no-trunc | sort -u) || exit 1
            [ -n "$ids" ] || exit 0
            ! podman image exists -- {{{Shell.Quote(image)}}} || { echo named; podman image inspect --format 'id {{.Id}}' -- {{{Shell.Quote(image)}}} 2>/dev/null; }
            layers='{{range .RootFS.Layers}}{{println .}}{{end}}'
            podman image inspect --format "$layers" $ids 2>/dev/null || for id in $ids; do podman image inspect --format "$layers" $id 2>/dev/null; done
            true
            """,
            cancellationToken).ConfigureAwait(false);
        if (result.ExitCode == NotFound)
        {
            throw new CharlyException(
                Errors.VmImageTransfer, $"the guest {vm} has no podman", $"Install it there: charly vm ssh {vm} -- sudo apt-get install -y podman{(rootless ? " uidmap" : "")}", target: vm);
        }

        if (!result.Succeeded) throw Failed("list its images", result);
        var lines = result.StandardOutput.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return new GuestStorage(
            lines.Contains("named"),
            lines.FirstOrDefault(l => l.StartsWith("id ", StringComparison.Ordinal))?[3..],
            lines.Where(l => l.StartsWith("sha256:", StringComparison.Ordinal)).ToHashSet(StringComparer.Ordinal));
    }

    /// <summary>
    /// Looks at an image, makes a container of it and runs <c>true</c> in it. Only a failure that names the storage means damage: an image may
    /// well hold no such program.
    /// </summary>
    public async Task<GuestImage> ProbeAsync(string image, CancellationToken cancellationToken)
    {
        var name = Shell.Quote(image);
        var result = await RunAsync(
            $$$"""
            podman image exists -- {{{name}}} || exit 0
            podman image inspect --format '{{.Id}}' -- {{{name}}} || exit
            podman run --rm --pull=never --network=none --log-driver=none --entrypoint /usr/bin/true -- {{{name}}} </dev/null
            """,
            cancellationToken).ConfigureAwait(false);
        var id = result.StandardOutput.Split('\n')[0].Trim();
        return new GuestImage(
            id.Length > 0 ? id : null, !result.Succeeded && result.StandardError.Contains("storage/overlay", StringComparison.Ordinal), result.Tail(2));
    }

    /// <summary>
    /// Pulls from a registry on the guest's own loopback address. For this one call the image's name means that registry, so
    /// it is never known by another name, and the old image keeps the name until the new one is whole.
    /// </summary>
    /// <param name="image">The name, in full.</param>
    /// <param name="port">Port of the registry.</param>
    /// <param name="repository">Name of the repository.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public Task<CommandResult> PullAsync(string image, int port, string repository, CancellationToken cancellationToken)
    {
        var colon = image.LastIndexOf(':');
        return RunAsync(
            $"""
            conf=$(mktemp) || exit 1
            trap 'rm -f "$conf"' EXIT
            printf '%s\n' '[[registry]]' 'prefix = "{image[..colon]}"' 'location = "127.0.0.1:{port}/{repository}"' 'insecure = true' >"$conf"
            CONTAINERS_REGISTRIES_CONF=$conf podman pull --quiet --tls-verify=false -- {Shell.Quote(image)}
            """,
            cancellationToken);
    }

    /// <summary>Gives a loaded image its name here, and takes away the one that it came with.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="came">The name that it came with.</param>
    /// <param name="to">The name, in full.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task NameAsync(string id, string came, string to, CancellationToken cancellationToken)
    {
        if (came == to) return;
        var result = await RunAsync(
            $"podman tag {Shell.Quote(id)} {Shell.Quote(to)} || exit 1\n! podman image exists {Shell.Quote(came)} || podman untag {Shell.Quote(id)} {Shell.Quote(came)}", cancellationToken).ConfigureAwait(false);
        if (!result.Succeeded) throw Failed($"name the image {to}", result);
    }

    /// <summary>Removes a damaged image under all names that it may have.</summary>
    public Task<CommandResult> RemoveAsync(IEnumerable<string> images, CancellationToken cancellationToken) =>
        RunAsync(string.Join('\n', images.Distinct(StringComparer.Ordinal).Select(i => $"podman rmi --force -- {Shell.Quote(i)}")) + "\ntrue", cancellationToken);

    private Task<CommandResult> RunAsync(string script, CancellationToken cancellationToken) =>
        shell.RunAsync(new ScriptRequest("cd /\n" + script) { AsRoot = !rootless }, cancellationToken);

    private CharlyException Failed(string what, CommandResult result) => new(
        Errors.VmImageTransfer,
        $"podman in {vm} could not {what}: {result.Tail(3)}",
        $"Look at it by hand: charly vm ssh {vm} -- {Command} info",
        target: vm);
}
