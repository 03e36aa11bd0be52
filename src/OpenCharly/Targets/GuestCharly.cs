using System.Security.Cryptography;
using OpenCharly.Execution;
using OpenCharly.Foundation;

namespace OpenCharly.Targets;

/// <summary>How charly comes into a guest: <c>cloud_init.charly_install</c> of its entity.</summary>
/// <param name="Strategy"><c>auto scp url skip</c>.</param>
/// <param name="Url">Where the guest fetches it from, for <c>url</c>.</param>
/// <param name="Checksum"><c>sha256:</c> and 64 hexadecimal digits, for <c>url</c>.</param>
internal sealed record GuestCharlyRule(string Strategy, string? Url = null, string? Checksum = null);

/// <summary>Sees to it that a guest has a charly of its own (vm.md §7.3).</summary>
/// <param name="executor">Reaches the guest.</param>
/// <param name="payload">What is put there.</param>
/// <param name="host">The guest's name, for messages.</param>
/// <param name="progress">Where events go.</param>
internal sealed class GuestCharly(IExecutor executor, GuestPayload payload, string host, IProgress<CharlyEvent> progress)
{
    /// <summary>Where <c>scp</c> and <c>url</c> put it.</summary>
    public const string Installed = "/usr/local/bin/charly";

    private const UnixFileMode Executable = AtomicFile.Shared | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    /// <summary>Makes it so.</summary>
    /// <param name="rule">How.</param>
    /// <param name="isNeeded">Whether anything in the guest will call it; if not, having none to put there is only a warning.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Path of the charly to call in the guest; null if there is none, and none is needed.</returns>
    /// <exception cref="CharlyException"><see cref="Errors.GuestBinary"/> without an executable that runs there,
    /// <see cref="Errors.GuestCharlyMissing"/> for <c>skip</c> in a guest without charly, <see cref="Errors.TransferFailed"/> if the
    /// guest can't fetch it.</exception>
    public async Task<string?> EnsureAsync(GuestCharlyRule rule, bool isNeeded, CancellationToken cancellationToken)
    {
        var found = await LookAsync(cancellationToken).ConfigureAwait(false);
        switch (rule.Strategy)
        {
            case "skip":
                return found.Path ?? throw new CharlyException(
                    Errors.GuestCharlyMissing, $"{host} has no charly, and its strategy forbids to install one", "Install it in the guest, or set cloud_init.charly_install.strategy to auto or scp.", target: host);
            case "url":
                await FetchAsync(rule.Url!, rule.Checksum!["sha256:".Length..], cancellationToken).ConfigureAwait(false);
                return await AnswersAsync(Installed, cancellationToken).ConfigureAwait(false);
            case "auto" when found.Path is not null && CalVer.TryParse(found.Version, out var there) && CalVer.TryParse(GuestPayload.Version, out var ours) && there >= ours:
                return found.Path;
        }

        if (payload.FileFor(found.Runtime) is not { } file)
        {
            var error = new CharlyException(
                Errors.GuestBinary,
                $"there is no charly executable for {host} ({found.Runtime ?? "an unknown machine"})",
                $"Publish one as a single self-contained file and name it in CHARLY_GUEST_BINARY, or put it at guest/{found.Runtime ?? "RUNTIME"}/charly beside this program.",
                target: host);
            if (isNeeded) throw error;
            progress.Report(new NoticeEvent(NoticeLevel.Warning, $"{error.Message}, so none is put there; nothing of this bundle needs it"));
            return found.Path;
        }

        var isAuto = rule.Strategy == "auto";
        var path = isAuto ? $"/tmp/charly-{GuestPayload.Version}" : Installed;
        await PlaceAsync(file, path, asRoot: !isAuto, cancellationToken).ConfigureAwait(false);
        return await AnswersAsync(path, cancellationToken).ConfigureAwait(false);
    }

    private sealed record Found(string? Runtime, string? Path, string? Version);

    private async Task<Found> LookAsync(CancellationToken cancellationToken)
    {
        var result = await executor.RunAsync(
            new ScriptRequest("""
                libc=gnu
                for file in /lib/ld-musl-*; do [ ! -e "$file" ] || libc=musl; done
                echo "$(uname -m) $libc"
                path=$(command -v charly) || exit 0
                echo "$path"
                "$path" version 2>/dev/null
                true
                """), cancellationToken).ConfigureAwait(false);
        var lines = result.StandardOutput.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var machine = lines.Length > 0 ? lines[0].Split(' ') : [];
        var runtime = machine is [var kind, var libc] ? GuestPayload.Runtime(kind, libc == "musl") : null;
        return new Found(runtime, lines.Length > 1 ? lines[1] : null, lines.Length > 2 ? lines[2].Split(' ')[^1].Split('+', '-')[0] : null);
    }

    /// <summary>Puts the file there unless it is there; one in a folder that all may write to must be the user's own.</summary>
    private async Task PlaceAsync(string file, string path, bool asRoot, CancellationToken cancellationToken)
    {
        var content = File.OpenRead(file);
        await using var _ = content.ConfigureAwait(false);
        var digest = Convert.ToHexStringLower(await SHA256.HashDataAsync(content, cancellationToken).ConfigureAwait(false));
        var name = Shell.Quote(path);
        var same = await executor.RunAsync(
            new ScriptRequest($"[ -f {name} ] && [ ! -L {name} ] && [ -O {name} ] && [ -x {name} ] && [ \"$(sha256sum <{name})\" = '{digest}  -' ]") { AsRoot = asRoot }, cancellationToken).ConfigureAwait(false);
        if (same.Succeeded) return;
        progress.Report(new NoticeEvent(NoticeLevel.Info, $"putting charly {GuestPayload.Version} into {host} at {path}"));
        content.Position = 0;
        await executor.PutAsync(content, path, new PlacementOptions(Executable, asRoot), cancellationToken).ConfigureAwait(false);
    }

    private async Task FetchAsync(string url, string digest, CancellationToken cancellationToken)
    {
        var result = await executor.RunAsync(
            new ScriptRequest($"""
                path={Installed}
                url={Shell.Quote(url)}
                [ ! -x "$path" ] || [ "$(sha256sum <"$path")" != '{digest}  -' ] || exit 0
                umask 077
                new=$(mktemp "$path.XXXXXX") || exit 1
                trap 'rm -f "$new"' EXIT
                if command -v curl >/dev/null; then curl -fsSL --retry 3 -o "$new" -- "$url"
                elif command -v wget >/dev/null; then wget -q -O "$new" -- "$url"
                else echo 'neither curl nor wget is installed' >&2; false
                fi || exit 1
                [ "$(sha256sum <"$new")" = '{digest}  -' ] || {Braces("echo 'what came has another checksum' >&2; exit 1;")}
                chmod 0755 "$new" && mv -f "$new" "$path"
                """) { AsRoot = true }, cancellationToken).ConfigureAwait(false);
        if (result.Succeeded) return;
        throw new CharlyException(
            Errors.TransferFailed, $"{host} could not fetch charly from {url}: {result.Tail(2)}", "Check url and checksum of cloud_init.charly_install, and that the guest reaches the address.", target: host);
    }

    private static string Braces(string commands) => "{ " + commands + " }";

    /// <summary>Tries it: the wrong kind of executable is found out here and not later.</summary>
    private async Task<string> AnswersAsync(string path, CancellationToken cancellationToken)
    {
        var result = await executor.RunAsync(new ScriptRequest($"exec {Shell.Quote(path)} version"), cancellationToken).ConfigureAwait(false);
        return result.Succeeded && result.StandardOutput.StartsWith("charly ", StringComparison.Ordinal) ? path : throw new CharlyException(
            Errors.GuestBinary, $"{path} does not run in {host} (exit code {result.ExitCode}): {result.Tail(2)}", "Take an executable that is built for the guest's processor and C library, as one self-contained file.", target: host);
    }
}
