using OpenCharly.Checks;
using OpenCharly.Execution;
using OpenCharly.Foundation;
using OpenCharly.Model;
using OpenCharly.Targets;
using OpenCharly.Yaml;

namespace OpenCharly.Tests.Targets;

/// <summary>
/// A pod in a guest, with real shells and files; podman, charly and the service manager are scripts that keep their state in files.
/// </summary>
public sealed partial class GuestPodTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("charly-pod-").FullName;

    public GuestPodTests()
    {
        Directory.CreateDirectory(At("bin"));
        Directory.CreateDirectory(At("state"));
        Directory.CreateDirectory(At("home"));
        Directory.CreateDirectory(At("linger"));
        File.WriteAllText(At("linger/" + Environment.UserName), "");
        Program("systemctl", "exit 0");
        Program("podman", """
            echo "$*" >>"$state/podman"
            for last; do :; done
            case "$1 $2" in
              "secret inspect") [ -e "$state/secret-$last" ] || exit 1; case "$*" in *--showsecret*) cat "$state/secret-$last"; echo ;; esac ;;
              "secret rm") rm "$state/secret-$last" ;;
              "secret create") cat >"$state/secret-$3" ;;
              "container exists") test -e "$state/container" ;;
              "container inspect") test -e "$state/container" && echo "true $(cat "$state/container")" ;;
              "image exists") test -e "$state/image" ;;
              "image inspect") cat "$state/image" ;;
              "rmi "*) rm "$state/image" ;;
            esac
            """);
        Program("guest-charly", """
            echo "$*" >>"$state/calls"
            units=$HOME/.config/containers/systemd
            case "$1" in
              config) mkdir -p "$units" && cp "$HOME/.config/charly/charly.yml" "$units/charly-shop.container" ;;
              eval) cat "$HOME/.config/charly/charly.yml" >"$state/checked"; cat "$state/answer"; cat "$state/complaint" >&2; exit "$(cat "$state/exit")" ;;
              start|restart) if [ -e "$state/broken" ]; then echo "error pod.service: it does not start" >&2; exit 1; fi; cp "$state/image" "$state/container" ;;
              remove) [ -e "$units/charly-shop.container" ] || exit 3; rm -f "$state/container" "$units/charly-shop.container"; printf 'version: "2026.163.0928"\n' >"$HOME/.config/charly/charly.yml" ;;
            esac
            """);
        Image("one");
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_pod_is_configured_started_and_then_left_alone()
    {
        Assert.False(await WithAsync(g => g.StandsAsync(Pod(), "one", default)));
        Assert.Equal("started", await DeployAsync(Pod()));
        Assert.Equal(["config shop", "start shop"], Calls());
        Assert.True(await WithAsync(g => g.StandsAsync(Pod(), "one", default)));
        Assert.Equal("runs as before", await DeployAsync(Pod()));
        var text = await File.ReadAllTextAsync(At("home/.config/charly/charly.yml"));
        Assert.Contains("localhost/charly-shop:latest", text, StringComparison.Ordinal);
        Assert.Equal("600", Convert.ToString((int)File.GetUnixFileMode(At("home/.config/charly/charly.yml")), 8));
    }

    [Fact]
    public async Task Another_image_entry_variable_or_charly_is_seen()
    {
        await DeployAsync(Pod());
        Image("two");
        Assert.False(await WithAsync(g => g.StandsAsync(Pod(), "two", default)));
        Assert.Equal("restarted", await DeployAsync(Pod()));
        Assert.True(await WithAsync(g => g.StandsAsync(Pod(), "two", default)));
        Assert.False(await WithAsync(g => g.StandsAsync(Pod("18081:8080"), "two", default)));
        Assert.False(await WithAsync(g => g.StandsAsync(Pod() with { Variables = "A=b\n" }, "two", default)));
        Assert.Equal("restarted", await DeployAsync(Pod("18081:8080")));

        var note = At("home/.config/opencharly/installed/pods/shop.yml");
        await File.WriteAllTextAsync(note, (await File.ReadAllTextAsync(note)).Replace($"# charly {GuestPayload.Version}", "# charly 0.0.0", StringComparison.Ordinal));
        Assert.False(await WithAsync(g => g.StandsAsync(Pod("18081:8080"), "two", default)));
    }

    [Fact]
    public async Task What_others_wrote_into_the_guests_file_and_the_ports_found_there_stay()
    {
        Directory.CreateDirectory(At("home/.config/charly"));
        await File.WriteAllTextAsync(At("home/.config/charly/charly.yml"), "# mine\nversion: \"2026.163.0928\"\ndeploy:\n  other: {target: pod, box: other}\n  shop:\n    target: pod\n    box: old\n    resolved_port: [\"18080:8080\"]\n    env: {GONE: x}\n");
        await DeployAsync(Pod() with { Variables = "FROM_FILE=yes\n" });
        var text = await File.ReadAllTextAsync(At("home/.config/charly/charly.yml"));
        var shop = (YamlMapping)((YamlMapping)((YamlMapping)YamlReader.Read(text, "x")[0])["deploy"]!)["shop"]!;
        Assert.Equal(["target", "box", "port", "resolved_port", "env_file"], shop.Entries.Select(e => e.Key.Text).OrderBy(k => Array.IndexOf(["target", "box", "port", "resolved_port", "env_file"], k)));
        Assert.Contains("# mine", text, StringComparison.Ordinal);
        Assert.Contains("other: {target: pod, box: other}", text, StringComparison.Ordinal);
        Assert.Equal("FROM_FILE=yes\n", await File.ReadAllTextAsync(At("home/.config/opencharly/installed/pods/shop.env")));
    }

    [Fact]
    public async Task What_does_not_start_is_an_error_with_the_guests_own_words_and_is_tried_again()
    {
        await File.WriteAllTextAsync(At("state/broken"), "");
        var error = await Assert.ThrowsAsync<CharlyException>(() => DeployAsync(Pod()));
        Assert.Equal(Errors.GuestPod, error.Code);
        Assert.Contains("web: could not configure and start the pod shop (exit code 1): error pod.service: it does not start", error.Message, StringComparison.Ordinal);
        Assert.False(await WithAsync(g => g.StandsAsync(Pod(), "one", default)));
        File.Delete(At("state/broken"));
        Assert.Equal("started", await DeployAsync(Pod()));
    }

    [Fact]
    public async Task The_guests_charly_runs_the_checks_that_the_entry_has_now_and_its_answer_comes_back_as_results()
    {
        await DeployAsync(Pod());
        Answer(7, """[{"target":"shop","id":"greets","status":"fail","candy":"shop","section":"deploy","verb":"command","subject":"echo","description":"says hello","duration_seconds":0.25,"attempts":2,"expected":"hello","actual":"bye","position":"/home/x/charly.yml:4:9"},{"id":"later","status":"skip","message":"no such variable"}]""");
        var selection = new CheckSelection { Filter = ["gre*", "o'dd"], Sections = ["deploy"], WithScenarios = false };
        var results = await CheckAsync(Pod(eval: "greets"), selection);
        Assert.Equal("eval live shop --format json --filter gre* --filter o'dd --section deploy --no-scenarios", Calls()[^1]);
        Assert.Contains("id: greets", await File.ReadAllTextAsync(At("state/checked")), StringComparison.Ordinal);
        var failed = results[0];
        Assert.Equal(("greets", "vm:web.shop", CheckStatus.Fail, "hello", "bye", 2), (failed.Id, failed.Target, failed.Status, failed.Expected, failed.Actual, failed.Attempts));
        Assert.Equal((0.25, "web:/home/x/charly.yml", 4), (failed.Duration.TotalSeconds, failed.Position!.File, failed.Position.Line));
        Assert.Equal((CheckStatus.Skip, "no such variable"), (results[1].Status, results[1].Message));

        // Checks alone change nothing of the pod, and go again with the entry.
        Assert.True(await WithAsync(g => g.StandsAsync(Pod(), "one", default)));
        Answer(0, "[]");
        Assert.Empty(await CheckAsync(Pod(), new CheckSelection()));
        Assert.DoesNotContain("eval:", await File.ReadAllTextAsync(At("state/checked")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_keeps_the_guest_from_checking_is_its_own_error()
    {
        Assert.Equal(Errors.LedgerUnknown, (await Assert.ThrowsAsync<CharlyException>(() => CheckAsync(Pod(), new CheckSelection()))).Code);
        await DeployAsync(Pod());
        Answer(4, "", """{noise}""" + "\n" + """{"error":{"code":"pod.not_running","kind":"wrong-state","exit_code":4,"message":"shop is stopped","help":"Run: charly start shop"}}""");
        var error = await Assert.ThrowsAsync<CharlyException>(() => CheckAsync(Pod(), new CheckSelection()));
        Assert.Equal((Errors.PodNotRunning, "web: shop is stopped", "Run: charly start shop"), (error.Code, error.Message, error.Help));
        Answer(1, "", "killed");
        Assert.Equal(Errors.GuestPod, (await Assert.ThrowsAsync<CharlyException>(() => CheckAsync(Pod(), new CheckSelection()))).Code);
        Answer(0, "no JSON");
        Assert.Equal(Errors.ChecksNotRun, (await Assert.ThrowsAsync<CharlyException>(() => CheckAsync(Pod(), new CheckSelection()))).Code);
    }

    [Fact]
    public void The_checks_of_a_template_lie_below_those_of_the_entry()
    {
        var body = (YamlMapping)YamlReader.Read("{target: pod, pod: base, eval: [{id: b, skip: true}, {id: c, port: 3}]}", "charly.yml")[0];
        var template = (YamlMapping)YamlReader.Read("{eval: [{id: a, port: 1}, {id: b, port: 2}], deploy_eval: [{port: 9}]}", "charly.yml")[0];
        var entry = new Deployment { Key = "vm:web.shop", Target = "pod", Body = body };
        var editor = new YamlEditor("", "x");
        foreach (var (key, value) in GuestPod.EntryOf(entry, template, "shop")) editor.Set([key], value);
        var written = (YamlSequence)((YamlMapping)YamlReader.Read(editor.Text, "x")[0])["eval"]!;
        Assert.Equal(["id=a,port=1", "id=b,skip=true", "port=9", "id=c,port=3"], written.Items.Select(i => string.Join(',', ((YamlMapping)i).Entries.Select(e => $"{e.Key.Text}={((YamlScalar)e.Value).Text}"))));
    }

    [Fact]
    public async Task The_last_pod_takes_along_what_was_made_for_pods()
    {
        await DeployAsync(Pod());
        Assert.Equal(["entry", "unit charly-shop.service", "container", "image localhost/charly-shop:latest"], await WithAsync(g => g.LookAsync("shop", default)));
        await RemoveAsync();
        Assert.Empty(await WithAsync(g => g.LookAsync("shop", default)));
        Assert.Equal("remove shop --yes --purge", Calls()[^1]);
        Assert.False(Directory.Exists(At("home/.config/charly")));
        Assert.False(Directory.Exists(At("home/.config/containers")));
        Assert.False(Directory.Exists(At("home/.config/opencharly/installed/pods")));
    }

    [Fact]
    public async Task A_file_that_was_there_before_stays()
    {
        Directory.CreateDirectory(At("home/.config/charly"));
        await File.WriteAllTextAsync(At("home/.config/charly/charly.yml"), "version: \"2026.163.0928\"\n");
        await DeployAsync(Pod());
        await RemoveAsync();
        Assert.True(File.Exists(At("home/.config/charly/charly.yml")));
    }

    [Fact]
    public void The_guest_gets_the_entry_without_what_only_this_machine_acts_on()
    {
        var body = (YamlMapping)YamlReader.Read(
            "{target: pod, box: shop, pod: base, tag: 2026.1.1, add_candy: [x], lifecycle: dev, nested: {}, port: ['1:2'], env: {A: b}, env_file: x.env, secret: [{name: one, source: 'env:X'}]}", "charly.yml")[0];
        var template = (YamlMapping)YamlReader.Read("{env_default: {A: a, C: d}, secret: [{name: one}, {name: two}], sidecar: {tailscale: {}}, other: 1}", "charly.yml")[0];
        var entry = new Deployment { Key = "vm:web.shop", Target = "pod", Body = body, Environment = new Dictionary<string, string> { ["A"] = "b" } };
        var editor = new YamlEditor("", "x");
        foreach (var (key, value) in GuestPod.EntryOf(entry, template, "shop")) editor.Set([key], value);
        var written = (YamlMapping)YamlReader.Read(editor.Text, "x")[0];
        Assert.Equal(["target", "box", "port", "secret", "sidecar", "env"], written.Entries.Select(e => e.Key.Text));
        Assert.Equal(["A=b", "C=d"], ((YamlMapping)written["env"]!).Entries.Select(e => $"{e.Key.Text}={((YamlScalar)e.Value).Text}"));
        Assert.Equal(["one", "two"], ((YamlSequence)written["secret"]!).Items.Select(i => ((YamlScalar)((YamlMapping)i)["name"]!).Text));
    }

    private static GuestPodRequest Pod(string port = "18080:8080", string? eval = null)
    {
        var entry = new List<(string, YamlValue)> { ("target", "pod"), ("box", GuestPod.ImageOf("shop")), ("port", YamlValue.TextList([port])) };
        if (eval is not null) entry.Add(("eval", YamlValue.List([YamlValue.Map([("id", (YamlValue)eval), ("command", "true")])])));
        return new GuestPodRequest("shop", entry);
    }

    private Task<IReadOnlyList<CheckResult>> CheckAsync(GuestPodRequest pod, CheckSelection selection) => WithAsync(g => g.CheckAsync(pod, At("bin/guest-charly"), selection, "vm:web.shop", default));

    private void Answer(int exitCode, string output, string error = "")
    {
        File.WriteAllText(At("state/exit"), $"{exitCode}");
        File.WriteAllText(At("state/answer"), output);
        File.WriteAllText(At("state/complaint"), error);
    }

    private Task<string> DeployAsync(GuestPodRequest pod) => WithAsync(g => g.DeployAsync(pod, At("bin/guest-charly"), default));

    private Task<bool> RemoveAsync() => WithAsync(async g =>
    {
        await g.RemoveAsync("shop", At("bin/guest-charly"), purge: true, default);
        return true;
    });

    private async Task<T> WithAsync<T>(Func<GuestPod, Task<T>> work)
    {
        var environment = new CharlyEnvironment
        {
            Variables = new Dictionary<string, string> { ["PATH"] = $"{At("bin")}:/usr/bin:/bin", ["HOME"] = At("home"), ["state"] = At("state") }, Home = At("home"), WorkingDirectory = _folder,
        };
        await using var executor = new LocalExecutor(environment, new ProcessRunner(environment));
        return await work(new GuestPod(executor, "web") { LingerFolder = At("linger") });
    }

    private void Image(string id) => File.WriteAllText(At("state/image"), id + "\n");

    private string[] Calls() => File.ReadAllLines(At("state/calls"));

    private string At(string name) => Path.Combine(_folder, name);

    private void Program(string name, string body)
    {
        var path = At("bin/" + name);
        File.WriteAllText(path, "#!/bin/sh\n" + body + "\n");
        File.SetUnixFileMode(path, AtomicFile.PrivateFolder);
    }
}
