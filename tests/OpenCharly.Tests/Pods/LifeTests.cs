using OpenCharly.Foundation;
using OpenCharly.Operations;

namespace OpenCharly.Tests.Pods;

public sealed class LifeTests : IDisposable
{
    private readonly PodLab _lab = new();

    public LifeTests() => _lab.Add("plain:2026.150.0900", PodCases.Plain with { Ports = [new(8080, false)], Volumes = [new("charly-plain-data", "/data")] });

    public void Dispose() => _lab.Dispose();

    [Fact]
    public async Task Start_configures_what_is_not_and_starts_its_unit()
    {
        await new StartPod(_lab.Context).RunAsync(new ConfigurePodRequest { Name = "plain", Autodetect = false });
        Assert.True(File.Exists(_lab.Quadlet("charly-plain.container")));
        Assert.Contains("systemctl --user start charly-plain.service", _lab.Commands);
    }

    [Fact]
    public async Task With_sidecars_the_unit_of_the_pod_is_started_and_stopped()
    {
        _lab.Write("deploy:\n  plain: {box: plain, sidecar: {redis: {image: redis}}}\n");
        await new StartPod(_lab.Context).RunAsync(new ConfigurePodRequest { Name = "plain", Autodetect = false });
        await new StopPod(_lab.Context).RunAsync(new PodRequest { Name = "plain" });
        Assert.Contains("systemctl --user start charly-plain-pod.service", _lab.Commands);
        Assert.Contains("systemctl --user stop charly-plain-pod.service", _lab.Commands);
        Assert.True(File.Exists(_lab.Quadlet("charly-plain.container")));
    }

    [Fact]
    public async Task Remove_takes_files_units_and_entry_and_leaves_those_of_others()
    {
        _lab.Write("# mine\ndeploy:\n  plain: {box: plain}\n  plain-two: {box: plain}\n");
        await _lab.ConfigureAsync("plain");
        await _lab.ConfigureAsync("plain-two");
        _lab.Volumes.UnionWith(["charly-plain-data", "charly-plain-two-data", "charly-plainer-data", "other"]);
        var removed = await new RemovePod(_lab.Context).RunAsync(new RemovePodRequest { Name = "plain", Purge = true });
        Assert.Contains("volume charly-plain-data", removed);
        Assert.Equal(["charly-plain-two-data", "charly-plainer-data", "other"], _lab.Volumes.Order(StringComparer.Ordinal));
        Assert.False(File.Exists(_lab.Quadlet("charly-plain.container")));
        Assert.True(File.Exists(_lab.Quadlet("charly-plain-two.container")));
        Assert.DoesNotContain("  plain:", _lab.Entry, StringComparison.Ordinal);
        Assert.Contains("# mine", _lab.Entry, StringComparison.Ordinal);
        Assert.Contains("systemctl --user stop charly-plain.service", _lab.Commands);
    }

    [Fact]
    public async Task Remove_can_keep_the_entry_and_a_dry_run_removes_nothing()
    {
        await _lab.ConfigureAsync("plain");
        var before = _lab.Photograph();
        Assert.Equal(2, (await new RemovePod(_lab.Context).RunAsync(new RemovePodRequest { Name = "plain", DryRun = true })).Count);
        Assert.Equal(before, _lab.Photograph());
        await new RemovePod(_lab.Context).RunAsync(new RemovePodRequest { Name = "plain", KeepDeploy = true });
        Assert.Contains("plain:", _lab.Entry, StringComparison.Ordinal);
        Assert.False(File.Exists(_lab.Quadlet("charly-plain.container")));
    }

    [Fact]
    public async Task A_volume_of_the_engine_is_emptied_while_the_pod_does_not_run_and_filled_again()
    {
        _lab.Add("plain:2026.151.0900", PodCases.Plain with { Volumes = [new("charly-plain-data", "/data")], Data = [new OpenCharly.Boxes.LabelData("data", "/staging/data", "notes", "")] });
        _lab.Write("deploy:\n  plain: {box: plain, volume: [{name: away, type: bind, host: /srv/away, path: /away}]}\n");
        await _lab.ConfigureAsync("plain");
        Assert.Contains("data_seeded: true", _lab.Entry, StringComparison.Ordinal);
        _lab.Volumes.UnionWith(["charly-plain-data"]);
        var volumes = new PodNamedVolumes(_lab.Context);
        var plain = new PodRequest { Name = "plain" };
        Assert.Equal(["data charly-plain-data:/data", "away /srv/away:/away"], (await volumes.ListAsync(plain)).Select(v => $"{v.Name} {v}"));
        Assert.Equal("charly-plain-data", await volumes.ResetAsync(plain, "data", dryRun: true));
        Assert.Equal(["charly-plain-data"], _lab.Volumes);
        _lab.Containers = """[{"Names":["charly-plain"],"State":"running"}]""";
        Assert.Equal(Errors.PodRunning, (await Assert.ThrowsAsync<CharlyException>(() => volumes.ResetAsync(plain, "data"))).Code);
        _lab.Containers = "[]";
        Assert.Equal(Errors.PodVolume, (await Assert.ThrowsAsync<CharlyException>(() => volumes.ResetAsync(plain, "away"))).Code);
        Assert.Contains("Did you mean \"data\"?", (await Assert.ThrowsAsync<CharlyException>(() => volumes.ResetAsync(plain, "dta"))).Help, StringComparison.Ordinal);
        Assert.Equal("charly-plain-data", await volumes.ResetAsync(plain, "data"));
        Assert.Empty(_lab.Volumes);
        Assert.DoesNotContain("data_seeded", _lab.Entry, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Files_are_copied_one_way_or_the_other()
    {
        _lab.Write("deploy:\n  plain: {box: plain}\n");
        _lab.Play = r => r.Arguments is ["container", "inspect", ..] ? PodLab.Done("true plain:2026.150.0900\n") : null;
        await File.WriteAllTextAsync(Path.Combine(_lab.Home, "notes.txt"), "x");
        var copy = new CopyPodItem(_lab.Context);
        var plain = new PodRequest { Name = "plain" };
        Assert.Equal($"copy {_lab.Home}/notes.txt to charly-plain:/data/", await copy.RunAsync(plain, "notes.txt", ":/data/", dryRun: true));
        Assert.DoesNotContain(_lab.Commands, c => c.StartsWith("podman cp", StringComparison.Ordinal));
        await copy.RunAsync(plain, "notes.txt", ":/data/");
        await copy.RunAsync(plain, ":/data/log", "log");
        Assert.Contains($"podman cp {_lab.Home}/notes.txt charly-plain:/data/", _lab.Commands);
        Assert.Contains($"podman cp charly-plain:/data/log {_lab.Home}/log", _lab.Commands);
        Assert.Equal(Errors.Usage, (await Assert.ThrowsAsync<CharlyException>(() => copy.RunAsync(plain, "a", "b"))).Code);
        Assert.Equal(Errors.Usage, (await Assert.ThrowsAsync<CharlyException>(() => copy.RunAsync(plain, ":/a", ":/b"))).Code);
        Assert.Equal(Errors.Io, (await Assert.ThrowsAsync<CharlyException>(() => copy.RunAsync(plain, "absent", ":/data/"))).Code);
        _lab.Play = _ => null;
        Assert.Equal(Errors.PodNotRunning, (await Assert.ThrowsAsync<CharlyException>(() => copy.RunAsync(plain, "notes.txt", ":/data/"))).Code);
    }

    [Fact]
    public async Task Config_remove_stops_and_keeps_quadlet_and_entry()
    {
        await _lab.ConfigureAsync("plain");
        await new RemovePod(_lab.Context).DisableAsync(new PodRequest { Name = "plain" });
        Assert.Contains("systemctl --user stop charly-plain.service", _lab.Commands);
        Assert.True(File.Exists(_lab.Quadlet("charly-plain.container")));
        Assert.Contains("plain:", _lab.Entry, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Thirty_entries_cost_one_question_to_the_engine_and_one_to_the_service_manager()
    {
        _lab.Write("deploy:\n" + string.Concat(Enumerable.Range(0, 30).Select(i => $"  p{i:00}: {{box: plain}}\n")));
        foreach (var i in Enumerable.Range(0, 3)) await _lab.ConfigureAsync($"p{i:00}");
        _lab.Containers = """[{"Names":["charly-p00"],"Image":"plain","State":"running","Status":"Up 2 hours","Ports":[{"host_ip":"127.0.0.1","host_port":18080,"container_port":8080,"protocol":"tcp","range":1}]},{"Names":["abc-infra"],"IsInfra":true}]""";
        _lab.Requests.Clear();
        var pods = await new GetPods(_lab.Context).RunAsync(new PodQuery());
        Assert.Equal(30, pods.Count);
        Assert.Equal([PodStatus.Running, PodStatus.Enabled, PodStatus.Enabled, PodStatus.NotConfigured], pods.Take(4).Select(p => p.Status));
        Assert.Equal(18080, Assert.Single(pods[0].Ports).HostPort);
        Assert.Single(_lab.Commands, c => c.StartsWith("podman", StringComparison.Ordinal));
        Assert.Single(_lab.Commands, c => c.StartsWith("systemctl", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_unit_that_failed_is_told_apart_from_one_that_was_not_started()
    {
        await _lab.ConfigureAsync("plain");
        _lab.Play = r => r.Arguments.Contains("show") ? PodLab.Done("Id=charly-plain.service\nActiveState=failed\n") : null;
        Assert.Equal(PodStatus.Failed, Assert.Single(await new GetPods(_lab.Context).RunAsync(new PodQuery())).Status);
    }

    [Fact]
    public async Task Sidecars_are_no_pods_of_their_own()
    {
        _lab.Write("deploy:\n  plain: {box: plain, sidecar: {redis: {image: redis}}}\n");
        await _lab.ConfigureAsync("plain");
        _lab.Containers = """[{"Names":["charly-plain"],"State":"running"},{"Names":["charly-plain-redis"],"State":"running"},{"Names":["charly-plain-infra"],"State":"running"}]""";
        Assert.Equal("plain", Assert.Single(await new GetPods(_lab.Context).RunAsync(new PodQuery())).Name);
    }

    [Fact]
    public async Task A_shell_enters_the_running_container_and_else_a_throw_away_one()
    {
        _lab.Write("deploy:\n  plain: {box: plain}\n");
        var away = await new EnterPod(_lab.Context).RunAsync(new EnterPodRequest { Name = "plain", Autodetect = false });
        Assert.Equal("run -i -t --rm -w /home/user --network charly -v charly-plain-data:/data plain:2026.150.0900 bash", string.Join(' ', away.Arguments));
        _lab.Play = r => r.Arguments is ["container", "inspect", ..] ? PodLab.Done("true\n") : null;
        var inside = await new EnterPod(_lab.Context).RunAsync(new EnterPodRequest { Name = "plain", Command = "ls; pwd", Terminal = false, Environment = ["A=1"] });
        Assert.Equal(["exec", "-i", "-e", "A=1", "charly-plain", "sh", "-c", "ls; pwd"], inside.Arguments);
    }

    [Fact]
    public async Task A_throw_away_container_takes_what_is_chosen_for_it_and_keeps_nothing()
    {
        _lab.Write("deploy:\n  plain: {box: plain}\n");
        var file = Path.Combine(_lab.Home, "more.env");
        await File.WriteAllTextAsync(file, "B=2\n");
        var folder = Directory.CreateDirectory(Path.Combine(_lab.Home, "here")).FullName;
        var before = _lab.Photograph();
        var away = await new EnterPod(_lab.Context).RunAsync(new EnterPodRequest { Name = "plain", Command = "env", Terminal = false, Environment = ["A=1"], EnvironmentFile = file, Binds = [$"data={folder}"], Autodetect = false });
        Assert.Equal(
            $"run -i --rm -w /home/user --network charly -v {folder}:/data --userns=keep-id:uid=1000,gid=1000 -e A=1 --env-file {file} plain:2026.150.0900 sh -c env", string.Join(' ', away.Arguments));
        Assert.Equal(before, _lab.Photograph());
        var error = await Assert.ThrowsAsync<CharlyException>(() => new EnterPod(_lab.Context).RunAsync(new EnterPodRequest { Name = "plain", EnvironmentFile = "no.env" }));
        Assert.Equal(Errors.PodEnvironment, error.Code);
    }

    [Fact]
    public async Task A_terminal_can_be_made_up_where_there_is_none()
    {
        _lab.Programs.Add("script");
        _lab.Play = r => r.Arguments is ["container", "inspect", ..] ? PodLab.Done("true\n") : null;
        var session = await new EnterPod(_lab.Context).RunAsync(new EnterPodRequest { Name = "plain", Command = "tty; date", ForceTerminal = true });
        Assert.Equal("/usr/bin/script", session.Program);
        Assert.Equal(["-qefc", "/usr/bin/podman exec '-i' '-t' charly-plain sh '-c' 'tty; date'", "/dev/null"], session.Arguments);
    }

    [Fact]
    public async Task In_detail_a_running_pod_tells_what_it_has_mounted_and_which_tools_answer()
    {
        using var listener = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        var port = ((System.Net.IPEndPoint)listener.LocalEndpoint).Port;
        _lab.Write("deploy:\n  plain: {box: plain, volume: [{name: data, type: bind, host: /srv/plain}]}\n");
        _lab.Containers = $$"""[{"Names":["charly-plain"],"State":"running","Ports":[{"host_ip":"127.0.0.1","host_port":{{port}},"container_port":5900,"protocol":"tcp","range":1}]}]""";
        _lab.Play = r => r.Arguments switch
        {
            ["container", "inspect", "--format", "{{json .Mounts}}", _] => PodLab.Done("""[{"Type":"bind","Source":"/srv/plain","Destination":"/data"},{"Type":"volume","Name":"charly-plain-cache","Source":"/var/x","Destination":"/cache"}]"""),
            ["exec", ..] => PodLab.Done("sh\nsupervisord\ndbus-daemon\n"),
            _ => null,
        };
        Assert.Equal([$"vnc:{port}"], Assert.Single(await new GetPods(_lab.Context).RunAsync(new PodQuery())).Tools.Select(t => t.ToString()));
        var pod = Assert.Single(await new GetPods(_lab.Context).RunAsync(new PodQuery { Details = true }));
        Assert.Equal(["supervisord", "dbus", $"vnc:{port}"], pod.Tools.Select(t => t.ToString()));
        Assert.Equal(["cache: charly-plain-cache -> /cache", "data: /srv/plain -> /data"], pod.Volumes.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_start_that_fails_tells_what_the_unit_said()
    {
        await _lab.ConfigureAsync("plain");
        _lab.Play = r => r.Program switch
        {
            "systemctl" when r.Arguments.Contains("start") => PodLab.Failed("Job for charly-plain.service failed because the control process exited with error code."),
            "journalctl" => PodLab.Done("Starting charly-plain.service...\nError: netavark: unable to execute nft: No such file or directory\ncharly-plain.service: Failed with result 'exit-code'.\n"),
            _ => null,
        };
        var error = await Assert.ThrowsAsync<CharlyException>(() => new StartPod(_lab.Context).RunAsync(new ConfigurePodRequest { Name = "plain", Autodetect = false }));
        Assert.Equal("systemctl --user could not start charly-plain.service: Error: netavark: unable to execute nft: No such file or directory", error.Message);
    }

    [Fact]
    public async Task Stopping_leaves_no_failure_on_record_for_a_container_that_had_to_be_killed()
    {
        _lab.Write("deploy:\n  plain: {box: plain, sidecar: {redis: {image: redis}}}\n");
        await _lab.ConfigureAsync("plain");
        await new StopPod(_lab.Context).RunAsync(new PodRequest { Name = "plain" });
        Assert.Contains("systemctl --user reset-failed charly-plain.service charly-plain-redis.service charly-plain-pod.service", _lab.Commands);
    }

    [Fact]
    public async Task A_start_waits_for_every_container_of_a_pod()
    {
        _lab.Write("deploy:\n  plain: {box: plain, sidecar: {redis: {image: redis}}}\n");
        await _lab.ConfigureAsync("plain");
        await new StartPod(_lab.Context).RunAsync(new ConfigurePodRequest { Name = "plain", Autodetect = false });
        var starts = _lab.Commands.Where(c => c.StartsWith("systemctl --user start", StringComparison.Ordinal));
        Assert.Equal(["systemctl --user start charly-plain-pod.service", "systemctl --user start charly-plain.service charly-plain-redis.service"], starts);
    }

    [Fact]
    public async Task What_is_inside_of_a_pod_is_shown_below_it()
    {
        _lab.Write("deploy:\n  plain: {box: plain, nested: {phone: {target: android, android: pixel}, helper: {box: plain}}}\n");
        _lab.Containers = """[{"Names":["charly-plain"],"State":"running"}]""";
        _lab.Play = r => r.Arguments switch
        {
            ["container", "inspect", "--format", "{{.State.Status}}", "charly-plain"] => PodLab.Done("running\n"),
            ["exec", "charly-plain", "podman", "container", "inspect", .., "charly-helper"] => PodLab.Done("exited\n"),
            _ => null,
        };
        Assert.Empty(Assert.Single(await new GetPods(_lab.Context).RunAsync(new PodQuery())).Nested);
        var pod = Assert.Single(await new GetPods(_lab.Context).RunAsync(new PodQuery { Nested = true }));
        Assert.Equal([new PodChild("plain.phone", "android", "running"), new PodChild("plain.helper", "pod", "stopped")], pod.Nested);
    }

    [Fact]
    public async Task A_pod_of_another_engine_is_looked_for_there_and_nobody_else_is()
    {
        _lab.Programs.Add("docker");
        _lab.Containers = """[{"Names":["charly-plain"],"State":"running"}]""";
        _lab.Write("deploy:\n  plain: {box: plain}\n");
        Assert.Single(await new GetPods(_lab.Context).RunAsync(new PodQuery()));
        Assert.DoesNotContain(_lab.Commands, c => c.StartsWith("docker", StringComparison.Ordinal));

        _lab.Write("deploy:\n  plain: {box: plain}\n  whale: {box: plain, engine: docker}\n");
        _lab.Play = r => r.Program == "docker" && r.Arguments[0] == "ps" ? PodLab.Done("""{"Names":"charly-whale","Image":"plain","State":"running","Status":"Up 2 minutes","Ports":""}""" + "\n") : null;
        Assert.Equal([("plain", PodStatus.Running), ("whale", PodStatus.Running)], (await new GetPods(_lab.Context).RunAsync(new PodQuery())).Select(p => (p.Name, p.Status)));
    }

    [Fact]
    public async Task Two_keys_of_one_container_name_do_not_keep_status_from_answering()
    {
        _lab.Write("deploy:\n  a-b: {box: plain}\n  a/b: {box: plain}\n");
        Assert.Single(await new GetPods(_lab.Context).RunAsync(new PodQuery()));
    }

    [Fact]
    public async Task The_log_comes_from_the_journal_and_in_direct_mode_from_the_engine()
    {
        await _lab.ConfigureAsync("plain");
        await new GetPodLog(_lab.Context).RunAsync(new PodLogRequest { Name = "plain", Tail = 5, Sidecar = "redis" }, _ => { });
        Assert.Contains("journalctl --user --no-pager -u charly-plain-redis.service -n 5", _lab.Commands);
        _lab.Variables["CHARLY_RUN_MODE"] = "direct";
        await _lab.ConfigureAsync("plain");

        // There the log ends with the container.
        Assert.Equal(Errors.PodNotRunning, (await Assert.ThrowsAsync<CharlyException>(() => new GetPodLog(_lab.Context).RunAsync(new PodLogRequest { Name = "plain" }, _ => { }))).Code);
        _lab.Play = r => r.Arguments is ["container", "inspect", ..] ? PodLab.Done("running\n") : null;
        await new GetPodLog(_lab.Context).RunAsync(new PodLogRequest { Name = "plain", Tail = 5 }, _ => { });
        Assert.Contains("podman logs --tail 5 charly-plain", _lab.Commands);
    }

    [Fact]
    public async Task Update_keeps_the_ports_and_decides_everything_before_it_stops_the_old_one()
    {
        _lab.Write("deploy:\n  plain: {box: 'registry.example.org/acme/plain:1'}\n");
        _lab.Add("registry.example.org/acme/plain:1", PodCases.Plain with { Ports = [new(8080, false)] });
        await _lab.ConfigureAsync("plain");
        var ports = _lab.Entry;
        _lab.Requests.Clear();
        await new UpdatePod(_lab.Context).RunAsync(new ConfigurePodRequest { Name = "plain", Autodetect = false }, pull: true);
        Assert.Equal(ports, _lab.Entry);
        var commands = _lab.Commands.ToList();
        Assert.Contains("podman pull --quiet registry.example.org/acme/plain:1", commands);
        Assert.True(commands.IndexOf("systemctl --user stop charly-plain.service") < commands.IndexOf("systemctl --user start charly-plain.service"));
        _lab.Write("deploy:\n  plain: {box: 'registry.example.org/acme/plain:1', port: ['x']}\n");
        _lab.Requests.Clear();
        await Assert.ThrowsAnyAsync<CharlyException>(() => new UpdatePod(_lab.Context).RunAsync(new ConfigurePodRequest { Name = "plain", Autodetect = false }, pull: false));
        Assert.DoesNotContain(_lab.Commands, c => c.Contains("stop", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("same", false)]
    [InlineData("newer", true)]
    public async Task Update_hands_an_image_over_again_that_the_building_engine_has_anew(string id, bool isHanded)
    {
        await _lab.ConfigureAsync("plain");
        _lab.Programs.Add("docker");
        _lab.Variables["CHARLY_BUILD_ENGINE"] = "docker";
        var here = (await new OpenCharly.Boxes.LocalImages(new OpenCharly.Boxes.ContainerEngine(_lab, "podman")).ResolveAsync("plain")).Id;
        _lab.Play = r => r.Program != "docker" ? null : r.Arguments switch
        {
            ["images", ..] => PodLab.Done("sha256:a\n"),
            ["image", "inspect", ..] => PodLab.Done("""[{"Id":"sha256:ID","RepoTags":["plain:2026.150.0900"],"Config":{"Labels":{"ai.opencharly.version":"2026.150.0900","ai.opencharly.box":"plain"}}}]""".Replace("ID", id == "same" ? here : new string('e', 64), StringComparison.Ordinal)),
            _ => PodLab.Failed("Error: No such container: charly-plain"),
        };
        await new UpdatePod(_lab.Context).RunAsync(new ConfigurePodRequest { Name = "plain", Autodetect = false }, pull: false);
        Assert.Equal(isHanded, _lab.Commands.Contains("bash -o pipefail -c docker save plain:2026.150.0900 | podman load"));
        Assert.Equal(isHanded, _lab.Notices.Any(n => n.Contains("from docker to podman", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_handover_that_fails_tells_what_both_programs_said_and_stops_nothing()
    {
        await _lab.ConfigureAsync("plain");
        _lab.Programs.Add("docker");
        _lab.Variables["CHARLY_BUILD_ENGINE"] = "docker";
        _lab.Requests.Clear();
        _lab.Play = r => (r.Program, r.Arguments) switch
        {
            ("docker", ["images", ..]) => PodLab.Done("sha256:a\n"),
            ("docker", ["image", "inspect", ..]) => PodLab.Done("""[{"Id":"sha256:ee","RepoTags":["plain:2026.150.0900"],"Config":{"Labels":{"ai.opencharly.version":"2026.150.0900","ai.opencharly.box":"plain"}}}]"""),
            ("bash", _) => PodLab.Failed("Cannot connect to the Docker daemon\nError: payload does not match any of the supported image formats"),
            _ => null,
        };
        var before = _lab.Photograph();
        var error = await Assert.ThrowsAsync<CharlyException>(() => new UpdatePod(_lab.Context).RunAsync(new ConfigurePodRequest { Name = "plain", Autodetect = false }, pull: false));
        Assert.Equal(Errors.ImageEngine, error.Code);
        Assert.Contains("Docker daemon", error.Message, StringComparison.Ordinal);
        Assert.Contains("payload does not match", error.Message, StringComparison.Ordinal);
        Assert.Equal(before, _lab.Photograph());
        Assert.DoesNotContain(_lab.Commands, c => c.Contains(" stop ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Update_takes_a_pod_over_from_docker_when_its_entry_says_podman_now_and_back()
    {
        _lab.Programs.Add("docker");
        var runs = "";
        _lab.Play = r => (r.Program, r.Arguments) switch
        {
            ("docker", ["run", ..]) => Now("docker"),
            ("docker", ["volume", "inspect", "charly-plain-data"]) => PodLab.Done("[]"),
            ("docker", ["container", "inspect", ..]) => runs == "docker" ? PodLab.Done() : null,
            ("docker", ["image", "inspect", ..]) => PodLab.Done("""[{"Id":"sha256:ee","RepoTags":["localhost/plain:2026.150.0900"],"Config":{"Labels":{"ai.opencharly.version":"2026.150.0900","ai.opencharly.box":"plain"}}}]"""),
            ("docker", ["images", ..]) => PodLab.Done("sha256:ee\n"),
            (var program, ["stop", ..]) => runs == program ? Now("") : PodLab.Failed("Error: No such container: charly-plain"),
            _ => null,
        };
        _lab.Write("deploy:\n  plain: {box: 'plain', engine: docker}\n");
        await _lab.ConfigureAsync("plain");
        Assert.Contains(_lab.Commands, c => c.StartsWith("docker run -d --rm --name charly-plain", StringComparison.Ordinal));

        await new OpenCharly.Model.HostFile(_lab.Context.Paths).EditAsync((editor, root) => editor.Set([root, "plain", "engine"], "podman"));
        _lab.Requests.Clear();
        await new UpdatePod(_lab.Context).RunAsync(new ConfigurePodRequest { Name = "plain", Autodetect = false }, pull: false);
        var commands = _lab.Commands.ToList();
        Assert.InRange(commands.IndexOf("docker stop --time 10 charly-plain"), 0, commands.IndexOf("systemctl --user start charly-plain.service"));
        Assert.Contains(_lab.Warnings, w => w.StartsWith("plain: charly-plain-data stays in docker, whose volumes podman can't use", StringComparison.Ordinal));
        Assert.False(File.Exists(_lab.Context.Paths.Config + "/direct/charly-plain.json"));
        Assert.True(File.Exists(_lab.Quadlet("charly-plain.container")));

        await new OpenCharly.Model.HostFile(_lab.Context.Paths).EditAsync((editor, root) => editor.Set([root, "plain", "engine"], "docker"));
        _lab.Requests.Clear();
        await new UpdatePod(_lab.Context).RunAsync(new ConfigurePodRequest { Name = "plain", Autodetect = false }, pull: false);
        commands = [.. _lab.Commands];
        Assert.InRange(commands.IndexOf("systemctl --user stop charly-plain.service"), 0, commands.FindIndex(c => c.StartsWith("docker run", StringComparison.Ordinal)));
        Assert.False(File.Exists(_lab.Quadlet("charly-plain.container")));
        Assert.True(File.Exists(_lab.Context.Paths.Config + "/direct/charly-plain.json"));

        OpenCharly.Execution.CommandResult Now(string program)
        {
            runs = program;
            return PodLab.Done();
        }
    }

    [Fact]
    public async Task With_docker_secrets_are_variables_of_its_client_and_those_that_were_made_up_are_kept()
    {
        _lab.Programs.Add("docker");
        _lab.Play = r => (r.Program, r.Arguments) switch
        {
            ("docker", ["image", "inspect", ..]) => PodLab.Done("""[{"Id":"sha256:ee","RepoTags":["localhost/kept:2026.150.0900"],"Config":{"Labels":{"ai.opencharly.version":"2026.150.0900","ai.opencharly.box":"kept","ai.opencharly.secret":"[{\"name\":\"db-password\",\"env\":\"DB_PASSWORD\"},{\"name\":\"license\"}]"}}}]"""),
            ("docker", ["images", ..]) => PodLab.Done("sha256:ee\n"),

            // Those of docker are a swarm's.
            ("docker", ["secret", ..]) => PodLab.Failed("Error response from daemon: This node is not a swarm manager."),
            _ => null,
        };
        _lab.Write("deploy:\n  kept: {box: kept, engine: docker}\n");
        await _lab.ConfigureAsync("kept");
        var run = Assert.Single(_lab.Requests, r => r is { Program: "docker", Arguments: ["run", ..] });
        Assert.Equal(["DB_PASSWORD", "LICENSE"], run.Variables!.Keys.Order());
        Assert.All(run.Variables!, v => Assert.DoesNotContain(v.Value!, string.Join(' ', run.Arguments), StringComparison.Ordinal));
        Assert.Contains(_lab.Warnings, w => w.StartsWith("docker keeps no secrets: ", StringComparison.Ordinal));
        _lab.Requests.Clear();
        await _lab.ConfigureAsync("kept");
        Assert.Equal(run.Variables!.OrderBy(v => v.Key), Assert.Single(_lab.Requests, r => r is { Program: "docker", Arguments: ["run", ..] }).Variables!.OrderBy(v => v.Key));
        Assert.DoesNotContain(_lab.Commands, c => c.StartsWith("docker secret", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_container_that_docker_does_not_let_go_of_is_an_error_that_names_it()
    {
        _lab.Programs.Add("docker");
        _lab.Write("deploy:\n  plain: {box: plain, engine: docker}\n");
        _lab.Play = r => (r.Program, r.Arguments) switch
        {
            ("docker", ["container", "inspect", ..]) => PodLab.Done("removing\n"),
            _ => null,
        };
        var context = new CharlyContext(_lab.Environment with { Clock = new HastyClock() }, _lab, _lab);
        var error = await Assert.ThrowsAsync<CharlyException>(() => new RemovePod(context).RunAsync(new RemovePodRequest { Name = "plain" }));
        Assert.Equal(Errors.ImageEngine, error.Code);
        Assert.Contains("charly-plain within 20 s; it was last seen removing", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_inside_of_a_docker_pod_is_asked_for_there()
    {
        _lab.Programs.UnionWith(["docker", "bash"]);
        _lab.Write("deploy:\n  whale: {box: plain, engine: docker, nested: {phone: {target: android, android: pixel}, helper: {box: plain}}}\n  here: {target: local, nested: {fish: {box: plain, engine: docker}}}\n");
        _lab.Play = r => (r.Program, r.Arguments) switch
        {
            ("docker", ["ps", ..]) => PodLab.Done("""{"Names":"charly-whale","Image":"plain","State":"running","Status":"Up 2 minutes","Ports":""}""" + "\n"),
            ("docker", ["container", "inspect", .., "charly-whale"] or ["container", "inspect", .., "charly-here_fish"]) => PodLab.Done("running\n"),
            ("docker", ["exec", "charly-whale", "podman", "container", "inspect", .., "charly-helper"]) => PodLab.Done("exited\n"),
            _ => null,
        };
        var pod = Assert.Single(await new GetPods(_lab.Context).RunAsync(new PodQuery { Names = ["whale"], Nested = true }));
        Assert.Equal([new PodChild("whale.phone", "android", "running"), new PodChild("whale.helper", "pod", "stopped")], pod.Nested);
        var host = Assert.Single(await new GetStatus(_lab.Context).RunAsync(new StatusQuery { Names = ["here"], Nested = true }));
        Assert.Equal(new PodChild("here.fish", "pod", "running"), Assert.Single(host.Nested));
        Assert.DoesNotContain(_lab.Commands, c => c.StartsWith("podman", StringComparison.Ordinal) && (c.Contains("whale", StringComparison.Ordinal) || c.Contains("fish", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_pod_without_encrypted_volumes_says_so_and_has_no_passphrase_to_change()
    {
        _lab.Write("deploy:\n  plain: {box: plain}\n");
        var request = new PodRequest { Name = "plain" };
        Assert.Empty(await new PodVolumes(_lab.Context).StatusAsync(request));
        Assert.Equal(["plain has no encrypted volumes"], _lab.Notices);
        Assert.Empty(await new PodVolumes(_lab.Context).MountAsync(request, null));
        Assert.Equal(2, _lab.Notices.Count(n => n == "plain has no encrypted volumes"));
        Assert.Equal(2, _lab.Notices.Count());
        var before = _lab.Photograph();
        var error = await Assert.ThrowsAsync<CharlyException>(() => new PodVolumes(_lab.Context).ChangePassphraseAsync(request, (_, _) => throw new InvalidOperationException("nobody is to be asked")));
        Assert.Equal(Errors.PodVolume, error.Code);
        Assert.Equal(error.Message, (await Assert.ThrowsAsync<CharlyException>(() => new PreviewPod(_lab.Context).VolumesAsync(request, PodVerb.ChangePassphrase, null))).Message);
        Assert.Equal(Errors.PodVolume, (await Assert.ThrowsAsync<CharlyException>(() => new PodVolumes(_lab.Context).StatusAsync(request, "vault"))).Code);
        Assert.Equal(before, _lab.Photograph());
    }

    // Every look at it is a second later than the last, and every wait is over at once.
    private sealed class HastyClock : TimeProvider
    {
        private long _ticks;

        public override long GetTimestamp() => Interlocked.Add(ref _ticks, TimestampFrequency);

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => base.CreateTimer(callback, state, TimeSpan.Zero, period);
    }

    [Fact]
    public async Task A_pod_that_ended_by_itself_is_stopped_though_the_service_of_another_engine_does_not_run()
    {
        _lab.Programs.Add("docker");
        _lab.Variables["CHARLY_RUN_MODE"] = "direct";
        await _lab.ConfigureAsync("plain");
        _lab.Play = r => (r.Program, r.Arguments) switch
        {
            ("docker", _) => PodLab.Failed("Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?"),
            ("podman", ["stop", ..]) => PodLab.Failed("Error: no container with name or ID \"charly-plain\" found: no such container"),
            _ => null,
        };
        await new StopPod(_lab.Context).RunAsync(new PodRequest { Name = "plain" });
        Assert.Contains("podman stop --time 10 charly-plain", _lab.Commands);
        Assert.DoesNotContain(_lab.Commands, c => c.StartsWith("docker stop", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Files_of_the_image_go_once_into_what_is_empty()
    {
        _lab.Add("seeded:2026.1.0001", PodCases.Plain with { Version = "2026.1.0001", Box = "seeded", Volumes = [new("charly-seeded-data", "/data"), new("charly-seeded-web", "/web")], Data = [new("data", "/data/data", "x", "sub"), new("web", "/data/web", "x", "")] });
        await _lab.ConfigureAsync("seeded", r => r with { Binds = ["data"] });
        var runs = _lab.Commands.Where(c => c.StartsWith("podman run", StringComparison.Ordinal)).ToList();
        Assert.Equal(2, runs.Count);
        Assert.Contains("mkdir -p /seed/sub && missing() {", runs[0], StringComparison.Ordinal);
        Assert.Contains("--userns=keep-id:uid=1000,gid=1000", runs[0], StringComparison.Ordinal);
        Assert.Contains("ls -A /seed", runs[1], StringComparison.Ordinal);
        Assert.Contains("data_seeded: true", _lab.Entry, StringComparison.Ordinal);
        _lab.Requests.Clear();
        await _lab.ConfigureAsync("seeded");
        Assert.DoesNotContain(_lab.Commands, c => c.StartsWith("podman run", StringComparison.Ordinal));
        Assert.Equal(["data", "web"], await new SeedPod(_lab.Context).RunAsync(new PodRequest { Name = "seeded" }, OpenCharly.Pods.Volumes.SeedMode.Force, null, null));
    }
}
