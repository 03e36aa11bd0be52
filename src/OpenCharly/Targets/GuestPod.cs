using System.Security.Cryptography;
using System.Text;
using OpenCharly.Checks;
using OpenCharly.Execution;
using OpenCharly.Foundation;
using OpenCharly.Model;
using OpenCharly.Pods.Secrets;
using OpenCharly.Yaml;

namespace OpenCharly.Targets;

/// <summary>A pod as it shall be in a guest.</summary>
/// <param name="Name">Its name there.</param>
/// <param name="Entry">Its entry there.</param>
/// <param name="Variables">Content of its file of variables, which goes along; null if it has none.</param>
internal sealed record GuestPodRequest(string Name, IReadOnlyList<(string Key, YamlValue Value)> Entry, string? Variables = null)
{
    /// <summary>Secrets whose values come from here. They go straight into the guest's engine.</summary>
    public IReadOnlyList<SentSecret> Secrets { get; init; } = [];
}

/// <summary>
/// A pod that lives in a guest: the guest's own charly configures it from an entry that is written there, and its user's service
/// manager runs it, also after a reboot (vm.md §7.6). What had to be set up for that is noted in the guest, and goes with the last pod.
/// </summary>
/// <param name="executor">Reaches the guest as its user.</param>
/// <param name="host">The guest's name, for messages.</param>
internal sealed class GuestPod(IExecutor executor, string host)
{
    private const string Folder = "$HOME/.config/opencharly/installed/pods";
    private const string Checks = "eval";
    private const string RunningImage = "'{{.State.Running}} {{.Image}}'";
    private const string ImageId = "'{{.Id}}'";
    private const string ContainerImage = "'{{.Image}}'";
    private const string ImageTags = "'{{len .RepoTags}}'";

    // What this machine's user has for sessions, a script over ssh has not.
    private const string Prologue = $$"""
        export XDG_RUNTIME_DIR="${XDG_RUNTIME_DIR:-/run/user/$(id -u)}"
        config=${XDG_CONFIG_HOME:-$HOME/.config}
        notes={{Folder}}
        cd "$HOME" || exit 1

        """;

    /// <summary>Where the log-in manager keeps who may have services without a log-in.</summary>
    public string LingerFolder { get; init; } = "/var/lib/systemd/linger";

    /// <summary>The image of a pod in the guest.</summary>
    public static string ImageOf(string name) => $"localhost/charly-{name}:latest";

    /// <summary>The entry as the guest's own charly shall read it: without what only this machine acts on.</summary>
    /// <param name="entry">The entry as written here.</param>
    /// <param name="template">Template that it names, which the guest does not have; null if none.</param>
    /// <param name="name">Name of the pod in the guest.</param>
    /// <param name="sent">Secrets whose values are sent, so that the guest's engine has them.</param>
    public static IReadOnlyList<(string Key, YamlValue Value)> EntryOf(Deployment entry, YamlMapping? template, string name, IReadOnlyList<SentSecret>? sent = null)
    {
        string[] ours =
        [
            "target", "box", "pod", "tag", "nested", "peer", "add_candy", "description", "disposable", "lifecycle", "preemptible", "requires_exclusive", "ephemeral", Checks, "env", "env_file", "version",
        ];
        var written = (entry.Body?.Entries ?? []).Where(e => !ours.Contains(e.Key.Text)).ToArray();
        var below = (template?.Entries ?? []).Where(e => e.Key.Text is "secret" or "sidecar").ToArray();
        var all = new List<(string, YamlValue)> { ("target", "pod"), ("box", ImageOf(name)) };
        foreach (var (key, value) in written) all.Add((key.Text, ForGuest(key.Text, below.FirstOrDefault(b => b.Key.Text == key.Text) is { } under ? Over(under.Value, value) : value)));
        all.AddRange(below.Where(b => written.All(w => w.Key.Text != b.Key.Text)).Select(b => (b.Key.Text, ForGuest(b.Key.Text, b.Value))));
        if (GuestSecrets.SourcesOf(null, sent ?? []) is { } sources && all.All(e => e.Item1 != "secret")) all.Add(("secret", sources));
        var variables = new OrderedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (key, value) in (template?["env_default"] as YamlMapping)?.Entries ?? []) variables[key.Text] = (value as YamlScalar)?.Text ?? "";
        foreach (var (key, value) in entry.Environment) variables[key] = value;
        foreach (var credential in sent?.Where(s => s.IsReplaced) ?? []) variables.Remove(credential.Declared!);
        if (variables.Count > 0) all.Add(("env", YamlValue.TextMap(variables)));
        if (ChecksOf(entry, template) is { Items.Count: > 0 } checks) all.Add((Checks, YamlValue.From(checks)));
        return all;

        YamlValue ForGuest(string key, YamlNode value) => key == "secret" && value is YamlSequence list ? GuestSecrets.SourcesOf(list, sent ?? [])! : YamlValue.From(value);
    }

    // The guest has no template: its checks lie below the entry's own, and of one id the later counts.
    private static YamlSequence? ChecksOf(Deployment entry, YamlMapping? template)
    {
        YamlSequence[] lists = [.. new[] { template?[Checks], template?["deploy_eval"], entry.Body?[Checks] }.OfType<YamlSequence>()];
        if (lists.Length == 0) return null;
        var items = new List<YamlNode>();
        foreach (var item in lists.SelectMany(l => l.Items))
        {
            var id = IdOf(item);
            var at = id is null ? -1 : items.FindIndex(i => IdOf(i) == id);
            if (at < 0) items.Add(item);
            else items[at] = item;
        }

        return new YamlSequence(items, lists[^1].Position);

        static string? IdOf(YamlNode item) => ((item as YamlMapping)?["id"] as YamlScalar)?.Text;
    }

    private static YamlNode Over(YamlNode below, YamlNode above) => (below, above) switch
    {
        (YamlMapping b, YamlMapping a) => new YamlMapping([.. b.Entries.Where(e => a[e.Key.Text] is null), .. a.Entries], a.Position),
        (YamlSequence b, YamlSequence a) => new YamlSequence([.. a.Items, .. b.Items.Where(i => NameOf(i) is not { } name || a.Items.All(o => NameOf(o) != name))], a.Position),
        _ => above,
    };

    private static string? NameOf(YamlNode item) => ((item as YamlMapping)?["name"] as YamlScalar)?.Text;

    // Lets the guest's user have services without a log-in, and waits for their manager.
    private async Task PrepareAsync(CancellationToken cancellationToken)
    {
        var user = (await MustAsync("find its user", "id -un; command -v podman >/dev/null || { echo 'podman is not installed there' >&2; exit 1; }", cancellationToken).ConfigureAwait(false)).Trim();
        var lingers = await executor.RunAsync(
            new ScriptRequest($"[ ! -e {Shell.Quote($"{LingerFolder}/{user}")} ] || exit 0; loginctl enable-linger {Shell.Quote(user)} && echo enabled") { AsRoot = true }, cancellationToken).ConfigureAwait(false);
        if (!lingers.Succeeded) throw Failed($"let services of {user} run without a log-in", lingers);
        var note = lingers.StandardOutput.Length == 0 ? "" : "mkdir -p \"$notes\" && echo linger >>\"$notes/.made\"\n";
        await MustAsync(
            "reach the service manager of its user",
            note + """
            until said=$(systemctl --user show-environment 2>&1 >/dev/null); do
              [ "$SECONDS" -lt 60 ] || { echo "not within 60 s: $said" >&2; exit 1; }
              sleep 0.2
            done
            """,
            cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Whether a pod runs just as it should, so that nothing is to be done; one question, which changes nothing.</summary>
    /// <param name="pod">The pod.</param>
    /// <param name="imageId">Id of the image that it shall run.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<bool> StandsAsync(GuestPodRequest pod, string imageId, CancellationToken cancellationToken)
    {
        var digest = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(NoteOf(pod))));
        var result = await executor.RunAsync(
            new ScriptRequest(Prologue + $"""
                [ -e {Shell.Quote(LingerFolder)}/"$(id -un)" ] && [ -e "$config"/containers/systemd/{Shell.Quote($"charly-{pod.Name}.container")} ] || exit 1
                [ "$(sha256sum <"$notes"/{Shell.Quote(pod.Name)}.yml)" = '{digest}  -' ] || exit 1
                [ "$(podman container inspect --format {RunningImage} {Shell.Quote("charly-" + pod.Name)})" = {Shell.Quote("true " + imageId)} ] || exit 1
                {GuestSecrets.StandScript(pod.Secrets)}
                """), cancellationToken).ConfigureAwait(false);
        return result.Succeeded;
    }

    /// <summary>Writes the entry, configures the pod, and starts it, or again if anything of it changed.</summary>
    /// <param name="pod">The pod.</param>
    /// <param name="charly">The guest's charly.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>What was done, for people.</returns>
    /// <exception cref="CharlyException"><see cref="Errors.GuestPod"/>.</exception>
    public async Task<string> DeployAsync(GuestPodRequest pod, string charly, CancellationToken cancellationToken)
    {
        await PrepareAsync(cancellationToken).ConfigureAwait(false);
        var isRenewed = pod.Secrets.Count > 0 && (await MustAsync("give its engine the secrets", GuestSecrets.SendScript(pod.Secrets), cancellationToken).ConfigureAwait(false)).Length > 0;
        await WriteEntryAsync(pod, cancellationToken).ConfigureAwait(false);
        var name = pod.Name;
        var container = Shell.Quote("charly-" + name);
        var program = Shell.Quote(charly);
        var said = await MustAsync(
            $"configure and start the pod {name}",
            $$"""
            units() { cat "$config"/containers/systemd/{{container}}[.-]* 2>/dev/null | sha256sum; }
            runs() { [ "$(podman container inspect --format {{RunningImage}} {{container}} 2>/dev/null)" = "true $(podman image inspect --format {{ImageId}} {{Shell.Quote(ImageOf(name))}})" ]; }
            before=$(units)
            ran=$(podman container inspect --format {{ContainerImage}} {{container}} 2>/dev/null)
            {{program}} config {{Shell.Quote(name)}} >/dev/null || exit
            if {{(isRenewed ? "false && " : "")}}[ "$(units)" = "$before" ] && runs; then echo unchanged; exit 0; fi
            verb=start
            ! podman container exists {{container}} || verb=restart
            {{program}} "$verb" {{Shell.Quote(name)}} >/dev/null || exit
            until runs; do
              [ "$SECONDS" -lt 60 ] || { echo "it does not run within 60 s: $(podman container inspect --format {{RunningImage}} {{container}} 2>&1)" >&2; exit 1; }
              sleep 0.2
            done

            # What ran before has lost its name to what runs now. An image that something else stands on stays.
            if [ -n "$ran" ] && [ "$(podman image inspect --format {{ImageTags}} "$ran" 2>/dev/null)" = 0 ]; then podman rmi "$ran" >/dev/null 2>&1; fi
            echo "$verb"
            """,
            cancellationToken).ConfigureAwait(false);

        // The note is what the next run trusts, so it is written when everything stands.
        await PutAsync(await NotePathAsync(name, ".yml", cancellationToken).ConfigureAwait(false), NoteOf(pod), cancellationToken).ConfigureAwait(false);
        return said.Trim() switch { "unchanged" => "runs as before", "restart" => "restarted", _ => "started" };
    }

    /// <summary>Has the guest's own charly run the checks of a pod, where its ports, volumes and instruments are at hand (deploy.md §12).</summary>
    /// <param name="pod">The pod; its entry's checks are those that run.</param>
    /// <param name="charly">The guest's charly.</param>
    /// <param name="selection">Which of them.</param>
    /// <param name="target">Deploy key that the results are of.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="CharlyException">The error that the guest's charly reports; <see cref="Errors.LedgerUnknown"/> for a pod that is not there;
    /// <see cref="Errors.GuestPod"/>, <see cref="Errors.ChecksNotRun"/> if it says nothing that can be read.</exception>
    public async Task<IReadOnlyList<CheckResult>> CheckAsync(GuestPodRequest pod, string charly, CheckSelection selection, string target, CancellationToken cancellationToken)
    {
        await WriteChecksAsync(pod, target, cancellationToken).ConfigureAwait(false);
        string[] words =
        [
            charly, "eval", "live", pod.Name, "--format", "json", .. selection.Filter.SelectMany(f => (string[])["--filter", f]), .. selection.Sections.SelectMany(s => (string[])["--section", s]),
            .. selection.WithScenarios ? Array.Empty<string>() : ["--no-scenarios"],
        ];
        var result = await executor.RunAsync(new ScriptRequest(Prologue + $"export CHARLY_LOG=error\n{Shell.Join(words)} </dev/null"), cancellationToken).ConfigureAwait(false);
        return result.ExitCode is 0 or (int)ErrorKind.ChecksFailed
            ? CheckResultReader.Read(result.StandardOutput, host, target)
            : throw RemoteError.Of(result.StandardError, host, target) ?? Failed($"run the checks of the pod {pod.Name}", result);
    }

    /// <summary>What is there of a pod, a line each; empty if there is nothing.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.GuestPod"/>.</exception>
    public async Task<IReadOnlyList<string>> LookAsync(string name, CancellationToken cancellationToken)
    {
        var said = await MustAsync(
            $"look at the pod {name}",
            $"""
            [ ! -e "$notes"/{Shell.Quote(name)}.yml ] || echo entry
            [ ! -e "$config"/containers/systemd/{Shell.Quote("charly-" + name)}.container ] || echo {Shell.Quote($"unit charly-{name}.service")}
            command -v podman >/dev/null || exit 0
            ! podman container exists {Shell.Quote("charly-" + name)} || echo container
            ! podman image exists {Shell.Quote(ImageOf(name))} || echo {Shell.Quote("image " + ImageOf(name))}
            """,
            cancellationToken).ConfigureAwait(false);
        return said.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    /// <summary>Removes a pod with its image, and with the last pod all that was set up for pods.</summary>
    /// <param name="name">Name of the pod in the guest.</param>
    /// <param name="charly">The guest's charly.</param>
    /// <param name="purge">Whether the data in its volumes goes, too.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="CharlyException"><see cref="Errors.GuestPod"/>.</exception>
    public async Task RemoveAsync(string name, string charly, bool purge, CancellationToken cancellationToken)
    {
        var said = await MustAsync(
            $"remove the pod {name}",
            $$"""
            {{Shell.Quote(charly)}} remove {{Shell.Quote(name)}} --yes{{(purge ? " --purge" : "")}} >/dev/null
            code=$?
            [ "$code" = 0 ] || [ "$code" = 3 ] || exit "$code"
            ! podman image exists {{Shell.Quote(ImageOf(name))}} || podman rmi {{Shell.Quote(ImageOf(name))}} >/dev/null || exit
            rm -f "$notes"/{{Shell.Quote(name)}}.yml "$notes"/{{Shell.Quote(name)}}.env
            for other in "$notes"/*.yml; do [ ! -e "$other" ] || exit 0; done
            made=$(cat "$notes/.made" 2>/dev/null)
            rm -f "$notes/.made"
            rmdir "$notes" 2>/dev/null

            # Units of others that start by themselves need what was set up for ours.
            for unit in "$config"/containers/systemd/* "$config"/systemd/user/*.wants/*; do [ ! -e "$unit" ] || exit 0; done
            podman network rm charly >/dev/null 2>&1
            rmdir "$config/containers/systemd" "$config/containers" 2>/dev/null
            case $made in *file*) echo file;; esac
            case $made in *linger*) echo linger;; esac
            case {{Shell.Quote(charly)}} in /tmp/*) rm -f {{Shell.Quote(charly)}};; esac
            true
            """,
            cancellationToken).ConfigureAwait(false);
        var rest = said.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        if (rest.Contains("file")) await RemoveEmptyFileAsync(cancellationToken).ConfigureAwait(false);
        if (!rest.Contains("linger")) return;
        var user = (await MustAsync("find its user", "id -un", cancellationToken).ConfigureAwait(false)).Trim();
        var result = await executor.RunAsync(new ScriptRequest($"loginctl disable-linger {Shell.Quote(user)}") { AsRoot = true }, cancellationToken).ConfigureAwait(false);
        if (!result.Succeeded) throw Failed($"end the services of {user} with its log-ins again", result);
    }

    // What the guest's charly found out of the entry's ports stays; all else is as it is written here.
    private async Task WriteEntryAsync(GuestPodRequest pod, CancellationToken cancellationToken)
    {
        var entry = pod.Entry.ToList();
        if (pod.Variables is not null)
        {
            var path = await NotePathAsync(pod.Name, ".env", cancellationToken).ConfigureAwait(false);
            await PutAsync(path, pod.Variables, cancellationToken).ConfigureAwait(false);
            entry.Add(("env_file", path));
        }

        var file = await MustAsync("find its folders", "printf %s \"$config/charly/charly.yml\"", cancellationToken).ConfigureAwait(false);
        var bytes = await executor.GetAsync(file, asRoot: false, cancellationToken).ConfigureAwait(false);
        var before = Text(bytes);
        var editor = new YamlEditor(before, $"{host}:{file}");
        var root = editor.Has("deploys") && !editor.Has("deploy") ? "deploys" : "deploy";
        var old = YamlReader.Read(before, file) is [YamlMapping map, ..] ? (map[root] as YamlMapping)?[pod.Name] as YamlMapping : null;
        if (old?["resolved_port"] is { } ports && entry.All(e => e.Key != "resolved_port")) entry.Add(("resolved_port", YamlValue.From(ports)));
        editor.Set([root, pod.Name], YamlValue.Map(entry));
        if (!editor.Has("version")) editor.Set(["version"], CalVer.NewestSchema.ToString());
        if (editor.Text == before) return;
        if (bytes is null) await MustAsync("note what is made", "mkdir -p \"$notes\" && echo file >>\"$notes/.made\"", cancellationToken).ConfigureAwait(false);
        await PutAsync(file, editor.Text, cancellationToken).ConfigureAwait(false);
    }

    private async Task WriteChecksAsync(GuestPodRequest pod, string target, CancellationToken cancellationToken)
    {
        var file = await MustAsync("find its folders", "printf %s \"$config/charly/charly.yml\"", cancellationToken).ConfigureAwait(false);
        var before = Text(await executor.GetAsync(file, asRoot: false, cancellationToken).ConfigureAwait(false));
        var editor = new YamlEditor(before, $"{host}:{file}");
        var root = editor.Has("deploys") && !editor.Has("deploy") ? "deploys" : "deploy";
        if (!(YamlReader.Read(before, file) is [YamlMapping map, ..] && map[root] is YamlMapping entries && entries[pod.Name] is YamlMapping))
        {
            throw new CharlyException(Errors.LedgerUnknown, $"{target} is not applied in {host}, so there is nothing to check", $"Run: charly bundle add {target}", target: target);
        }

        var checks = pod.Entry.Where(e => e.Key == Checks).Select(e => e.Value).FirstOrDefault();
        if (checks is not null) editor.Set([root, pod.Name, Checks], checks);
        else editor.Remove([root, pod.Name, Checks]);
        if (editor.Text != before) await PutAsync(file, editor.Text, cancellationToken).ConfigureAwait(false);
    }

    // All that the pod is made from, so that the next run can tell whether it is still the same.
    private static string NoteOf(GuestPodRequest pod)
    {
        var note = new YamlEditor("", pod.Name);

        // Checks change nothing of what runs; the guest gets them anew whenever they are to run.
        foreach (var (key, value) in pod.Entry.Where(e => e.Key != Checks)) note.Set([key], value);
        var variables = pod.Variables is null ? "" : $"# variables {Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(pod.Variables)))}\n";
        return $"# charly {GuestPayload.Version}\n{variables}{note.Text}";
    }

    private Task<string> NotePathAsync(string name, string suffix, CancellationToken cancellationToken) =>
        MustAsync("find its folders", $"printf %s \"$notes\"/{Shell.Quote(name + suffix)}", cancellationToken);

    private async Task RemoveEmptyFileAsync(CancellationToken cancellationToken)
    {
        var file = (await MustAsync("find its folders", "printf %s \"$config/charly/charly.yml\"", cancellationToken).ConfigureAwait(false)).Trim();
        var text = Text(await executor.GetAsync(file, asRoot: false, cancellationToken).ConfigureAwait(false));
        if (YamlReader.Read(text, file) is [YamlMapping map, ..] && map.Entries.Any(e => e.Key.Text != "version" && e.Value is not YamlMapping { Entries.Count: 0 })) return;
        await MustAsync("remove its empty charly.yml", "rm -f \"$config\"/charly/charly.yml*; rmdir \"$config/charly\" 2>/dev/null; true", cancellationToken).ConfigureAwait(false);
    }

    private async Task PutAsync(string path, string text, CancellationToken cancellationToken)
    {
        using var content = new MemoryStream(Encoding.UTF8.GetBytes(text));
        await executor.PutAsync(content, path, new PlacementOptions(AtomicFile.Private), cancellationToken).ConfigureAwait(false);
    }

    private static string Text(byte[]? bytes) => bytes is null ? "" : Encoding.UTF8.GetString(bytes);

    private async Task<string> MustAsync(string what, string script, CancellationToken cancellationToken)
    {
        var result = await executor.RunAsync(new ScriptRequest(Prologue + script), cancellationToken).ConfigureAwait(false);
        return result.Succeeded ? result.StandardOutput : throw Failed(what, result);
    }

    private CharlyException Failed(string what, CommandResult result) => new(
        Errors.GuestPod, $"{host}: could not {what} (exit code {result.ExitCode}): {result.Tail(3)}", "Look there: systemctl --user status, journalctl --user -e. Then run the same command again.", target: host);
}
