using System.Net;
using System.Net.Sockets;
using OpenCharly.Checks;
using OpenCharly.Execution;
using OpenCharly.Foundation;
using OpenCharly.Operations;

namespace OpenCharly.LiveTests.Pods;

/// <summary>Pods straight in the engine, on this machine (pod.md §16).</summary>
public sealed class DirectPodTests(DirectLab lab) : IClassFixture<DirectLab>
{
    [DirectFact]
    public async Task A_pod_runs_stops_starts_is_updated_and_goes()
    {
        var port = FreePort();
        lab.Entries($"  direct-notes:\n    box: notes\n    tag: {PodImages.Old}\n    port: ['{port}:8080']\n    volume: [{{name: data, type: bind}}]\n    secret: [{{name: db-password, source: 'env:LIVE_PASSWORD'}}]\n");
        var context = lab.Context.With("LIVE_PASSWORD", "canary-77");
        var made = await new ConfigurePod(context).RunAsync(Config("direct-notes"));
        Assert.Equal(("direct", $"localhost/notes:{PodImages.Old}"), (made.Mode, made.Image));
        Assert.Equal($"page of {PodImages.Old}\n", await GetAsync(port, "index.html"));
        Assert.Equal("enabled\n", await GetAsync(port, "enabled"));
        var pod = Assert.Single(await new GetPods(lab.Context).RunAsync(new PodQuery { Names = ["direct-notes"] }));
        Assert.Equal((PodStatus.Running, "direct", port), (pod.Status, pod.RunMode, Assert.Single(pod.Ports).HostPort));
        Assert.Equal("canary-77 1000\n", await InAsync("direct-notes", "echo $DB_PASSWORD $(id -u)"));
        var lines = new List<string>();
        await new GetPodLog(lab.Context).RunAsync(new PodLogRequest { Name = "direct-notes" }, lines.Add);
        Assert.Contains($"notes {PodImages.Old} runs as 1000", lines);

        await InAsync("direct-notes", "echo mine >/data/index.html");
        await new StopPod(lab.Context).RestartAsync(new PodRequest { Name = "direct-notes" });
        Assert.Equal("mine\n", await GetAsync(port, "index.html"));
        Assert.Equal(PodStatus.Stopped, (await new StopPod(lab.Context).RunAsync(new PodRequest { Name = "direct-notes" })).Status);
        await Assert.ThrowsAsync<HttpRequestException>(() => GetAsync(port, "index.html"));
        Assert.Equal(PodStatus.Running, (await new StartPod(lab.Context).RunAsync(Config("direct-notes"))).Status);

        await new UpdatePod(lab.Context).RunAsync(Config("direct-notes") with { Tag = PodImages.New, Seed = OpenCharly.Pods.Volumes.SeedMode.Merge }, pull: true);
        Assert.Equal(("mine\n", $"new in {PodImages.New}\n"), (await GetAsync(port, "index.html"), await GetAsync(port, $"only-{PodImages.New}.html")));

        await File.WriteAllTextAsync(Path.Combine(lab.Home, "letter.html"), "sent\n");
        await new CopyPodItem(lab.Context).RunAsync(new PodRequest { Name = "direct-notes" }, "letter.html", ":/data/");
        Assert.Equal("sent\n", await GetAsync(port, "letter.html"));
        await lab.MustAsync("podman", "exec", "--user", "0", "charly-direct-notes", "sh", "-c", "echo kept >/vault/kept");
        await new StopPod(lab.Context).RunAsync(new PodRequest { Name = "direct-notes" });
        Assert.Equal("charly-direct-notes-vault", await new PodNamedVolumes(lab.Context).ResetAsync(new PodRequest { Name = "direct-notes" }, "vault"));
        await new StartPod(lab.Context).RunAsync(Config("direct-notes") with { Tag = PodImages.New });
        Assert.Equal("gone\n", await InAsync("direct-notes", "[ -e /vault/kept ] || echo gone"));

        Assert.Contains("volume charly-direct-notes-vault", await new RemovePod(lab.Context).RunAsync(new RemovePodRequest { Name = "direct-notes", Purge = true }));
        Assert.Equal("", await lab.MustAsync("podman", "ps", "--all", "--quiet", "--filter", "name=^charly-direct-notes"));
        Assert.Equal("", await lab.MustAsync("podman", "volume", "ls", "--quiet", "--filter", "name=^charly-direct-notes"));
        Assert.Equal(Errors.PodNotFound, (await Assert.ThrowsAsync<CharlyException>(() => new RemovePod(lab.Context).RunAsync(new RemovePodRequest { Name = "direct-notes" }))).Code);
        Assert.DoesNotContain(lab.Photograph(), f => f.Contains("canary-77", StringComparison.Ordinal));
    }

    [DirectFact]
    public async Task A_service_is_controlled_and_the_password_of_the_VNC_server_is_written_where_only_its_user_reads()
    {
        lab.Entries($"  direct-vnc:\n    box: notes\n    tag: {PodImages.Old}\n    volume: [{{name: data, type: bind}}]\n    secret: [{{name: db-password, source: 'env:LIVE_PASSWORD'}}]\n");
        await new ConfigurePod(lab.Context.With("LIVE_PASSWORD", "x")).RunAsync(Config("direct-vnc"));
        var pod = new PodRequest { Name = "direct-vnc" };
        Assert.Equal([new PodServiceState("direct-vnc", "wayvnc", "running")], await new ControlPodService(lab.Context).ListAsync(pod));
        var set = await new SetVncPassword(lab.Context).RunAsync(new VncPasswordRequest { Name = "direct-vnc", Generate = true });
        Assert.Equal("restart wayvnc\n", await InAsync("direct-vnc", "cat /data/controlled"));
        Assert.Contains($"password={set.Password}\n", await InAsync("direct-vnc", "cat /data/.config/wayvnc/config"), StringComparison.Ordinal);
        var first = await InAsync("direct-vnc", "cd /data/.config/wayvnc && ls -l config tls_key.pem rsa_key.pem | cut -c1-10 && sha256sum tls_key.pem tls_cert.pem rsa_key.pem");
        Assert.StartsWith("-rw-------\n-rw-------\n-rw-------\n", first, StringComparison.Ordinal);
        await new SetVncPassword(lab.Context).RunAsync(new VncPasswordRequest { Name = "direct-vnc" });
        Assert.Equal(first, await InAsync("direct-vnc", "cd /data/.config/wayvnc && ls -l config tls_key.pem rsa_key.pem | cut -c1-10 && sha256sum tls_key.pem tls_cert.pem rsa_key.pem"));

        var row = Assert.Single(await new GetStatus(lab.Context).RunAsync(new StatusQuery { Names = ["direct-vnc"], Details = true }));
        Assert.Equal(("pod", "running", "direct"), (row.Kind, row.Status, row.RunMode));
        await new RemovePod(lab.Context).RunAsync(new RemovePodRequest { Name = "direct-vnc", Purge = true });
    }

    [DirectFact]
    public async Task A_port_that_somebody_else_listens_on_is_found_before_anything_is_written()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        lab.Entries($"  direct-clash: {{box: notes, port: ['{port}:8080']}}\n");
        var before = lab.Photograph();
        var error = await Assert.ThrowsAsync<CharlyException>(() => new ConfigurePod(lab.Context).RunAsync(Config("direct-clash")));
        Assert.Equal(Errors.PodPortTaken, error.Code);
        Assert.StartsWith($"port {port} is in use by ", error.Message, StringComparison.Ordinal);
        Assert.Contains($"-p {port + 1}:8080", error.Help, StringComparison.Ordinal);
        Assert.Equal(before, lab.Photograph());
        Assert.Equal("", await lab.MustAsync("podman", "secret", "ls", "--filter", "name=charly-direct-clash", "--format", "{{.Name}}"));
        Assert.Equal("", await lab.MustAsync("podman", "ps", "--all", "--quiet", "--filter", "name=^charly-direct-clash"));
    }

    [DirectFact]
    public async Task An_encrypted_volume_is_plain_while_it_is_mounted_and_a_pod_does_not_start_without()
    {
        lab.Entries("  direct-safe: {box: notes, volume: [{name: vault, type: encrypted}]}\n");
        var volumes = new PodVolumes(lab.Context);
        var request = new PodRequest { Name = "direct-safe" };
        var status = Assert.Single(await volumes.StatusAsync(request));
        Assert.Equal(("vault", false, false), (status.Name, status.IsInitialized, status.IsMounted));
        var error = await Assert.ThrowsAsync<CharlyException>(() => volumes.MountAsync(request, null));
        Assert.Equal((Errors.PodEncryption, "Run: charly config direct-safe"), (error.Code, error.Help));

        await new ConfigurePod(lab.Context).RunAsync(Config("direct-safe") with { Seed = null });
        await InAsync("direct-safe", "echo plainly >/vault/letter");
        var cipher = Path.Combine(Path.GetDirectoryName(status.Path)!, "cipher");
        Assert.Equal("plainly\n", await File.ReadAllTextAsync(Path.Combine(status.Path, "letter")));
        Assert.DoesNotContain(Directory.EnumerateFiles(cipher), f => Path.GetFileName(f) == "letter" || File.ReadAllText(f).Contains("plainly", StringComparison.Ordinal));

        await new StopPod(lab.Context).RunAsync(request, unmount: true);
        Assert.Empty(Directory.EnumerateFileSystemEntries(status.Path));
        error = await Assert.ThrowsAsync<CharlyException>(() => new StartPod(lab.Context).RunAsync(Config("direct-safe")));
        Assert.Equal(Errors.PodEncryption, error.Code);
        Assert.Contains("in plain text", error.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(status.Path));

        // The passphrase is changed only while nobody can see the files, and with the old one.
        await volumes.MountAsync(request, "vault");
        error = await Assert.ThrowsAsync<CharlyException>(() => volumes.ChangePassphraseAsync(request, (_, _) => Task.FromResult<string?>("x")));
        Assert.Contains("is mounted", error.Message, StringComparison.Ordinal);
        Assert.False(Assert.Single(await volumes.UnmountAsync(request, null)).IsMounted);
        var store = (await new GetSecrets(lab.Context).ReadAsync("charly/enc", "direct-safe")).Value;
        await volumes.ChangePassphraseAsync(request, (question, _) => Task.FromResult<string?>(question.StartsWith("Old", StringComparison.Ordinal) ? store : "quite another"));
        Assert.True(Assert.Single(await volumes.MountAsync(request, null)).IsMounted);
        Assert.Equal(PodStatus.Running, (await new StartPod(lab.Context).RunAsync(Config("direct-safe"))).Status);
        Assert.Equal("plainly\n", await InAsync("direct-safe", "cat /vault/letter"));
        await new StopPod(lab.Context).RunAsync(request, unmount: true);
        await new RemovePod(lab.Context).RunAsync(new RemovePodRequest { Name = "direct-safe", Purge = true });
        Assert.NotEmpty(Directory.EnumerateFiles(cipher));
    }

    [DirectFact]
    public async Task The_checks_of_image_template_and_entry_run_where_the_pod_runs()
    {
        const string Box = "localhost/charly-direct-checked:2026.200.1";
        var port = FreePort();
        await CheckedImage.MakeAsync(lab.Context.Processes, Box, "2026.200.1", "one");
        try
        {
            lab.Entries($$"""
                  direct-eval:
                    box: {{Box}}
                    port: ['{{port}}:8080']
                    env: {GREETING: hello}
                    eval:
                      - {id: gone, skip: true}
                      - {id: replaced, command: 'echo $GREETING', stdout: hello}
                      - {id: port, command: 'echo ${HOST_PORT:8080} ${CONTAINER_NAME} ${ENV_GREETING}', stdout: '{{port}} charly-direct-eval hello'}
                      - {id: wrong, file: /srv/which, contains: [two]}

                """);
            await new ConfigurePod(lab.Context).RunAsync(Config("direct-eval"));
            var report = await new CheckBundle(lab.Context).RunAsync(new CheckRequest { Name = "direct-eval" });
            Assert.Equal(
                ["live candy web Pass", "replaced deploy direct-eval Pass", "image deploy checked Pass", "port deploy direct-eval Pass", "wrong deploy direct-eval Fail"],
                report.Results.Select(r => $"{r.Id} {r.Section} {r.Candy} {r.Status}"));
            Assert.All(report.Results, r => Assert.Equal("direct-eval", r.Target));
            var one = await new CheckBundle(lab.Context).RunAsync(new CheckRequest { Name = "direct-eval", Selection = new CheckSelection { Sections = ["candy"] } });
            Assert.Equal("live", Assert.Single(one.Results).Id);
            one = await new CheckBundle(lab.Context).RunAsync(new CheckRequest { Name = "direct-eval", Selection = new CheckSelection { Filter = ["wro*"] } });
            Assert.Equal("wrong", Assert.Single(one.Results).Id);

            var box = await new CheckBox(lab.Context).RunAsync(Box, new CheckSelection());
            Assert.Equal(["baked candy web Pass", "boxed box checked Pass"], box.Results.Select(r => $"{r.Id} {r.Section} {r.Candy} {r.Status}"));

            await new StopPod(lab.Context).RunAsync(new PodRequest { Name = "direct-eval" });
            Assert.Equal(Errors.PodNotRunning, (await Assert.ThrowsAsync<CharlyException>(() => new CheckBundle(lab.Context).RunAsync(new CheckRequest { Name = "direct-eval" }))).Code);
            await new RemovePod(lab.Context).RunAsync(new RemovePodRequest { Name = "direct-eval", Purge = true });
        }
        finally
        {
            await lab.MustAsync("podman", "rmi", "--force", Box);
        }
    }

    [DirectFact]
    public async Task The_passphrase_of_several_volumes_is_changed_on_all_or_on_none()
    {
        lab.Entries("  direct-two: {box: notes, volume: [{name: vault, type: encrypted}, {name: data, type: encrypted}]}\n");
        var volumes = new PodVolumes(lab.Context);
        var request = new PodRequest { Name = "direct-two" };
        await new ConfigurePod(lab.Context).RunAsync(Config("direct-two"));
        await new StopPod(lab.Context).RunAsync(request, unmount: true);
        var status = await volumes.UnmountAsync(request, null);
        Assert.All(status, v => Assert.True(v is { IsInitialized: true, IsMounted: false }));
        Assert.Equal(2, status.Count);
        var first = (await new GetSecrets(lab.Context).ReadAsync("charly/enc", "direct-two")).Value;
        string[] files = [.. status.Select(v => Path.Combine(Path.GetDirectoryName(v.Path)!, "cipher", "gocryptfs.conf"))];
        byte[][] before = [.. files.Select(File.ReadAllBytes)];

        // A wrong one changes none, and names both.
        var error = await Assert.ThrowsAsync<CharlyException>(() => ChangeAsync(volumes, "wrong", "next"));
        Assert.Contains("vault", error.Message, StringComparison.Ordinal);
        Assert.Contains("data", error.Message, StringComparison.Ordinal);
        Assert.Equal(before, files.Select(File.ReadAllBytes));

        // One volume that has another passphrase keeps all of them as they are.
        var other = status.ToList().FindIndex(v => v.Name == "data");
        var changed = await lab.Context.Processes.RunAsync(new ProcessRequest("gocryptfs", "-passwd", "-q", Path.GetDirectoryName(files[other])!) { Input = $"{first}\nanother\n" });
        Assert.True(changed.Succeeded, changed.Tail());
        byte[][] apart = [.. files.Select(File.ReadAllBytes)];
        error = await Assert.ThrowsAsync<CharlyException>(() => ChangeAsync(volumes, first, "next"));
        Assert.Contains("1 of 2 volumes of direct-two: data", error.Message, StringComparison.Ordinal);
        Assert.Equal(apart, files.Select(File.ReadAllBytes));

        // As after a power cut: one has the new passphrase already.
        await ChangeAsync(volumes, first, "another");
        Assert.Equal("another", (await new GetSecrets(lab.Context).ReadAsync("charly/enc", "direct-two")).Value);
        Assert.All(await volumes.MountAsync(request, null), v => Assert.True(v.IsMounted));
        await volumes.UnmountAsync(request, null);

        // A store that does not take it: the volumes keep the passphrase that it has.
        byte[][] same = [.. files.Select(File.ReadAllBytes)];
        var real = lab.Context.Environment;
        var closed = new CharlyContext(real with { Variables = new Dictionary<string, string>(real.Variables) { ["CHARLY_SECRET_BACKEND"] = "kdbx", ["CHARLY_SECRET_KDBX_PATH"] = "/nonexistent/a.kdbx" } });
        await Assert.ThrowsAsync<CharlyException>(() => ChangeAsync(new PodVolumes(closed), "another", "third"));
        Assert.Equal(same, files.Select(File.ReadAllBytes));
        Assert.All(await volumes.MountAsync(request, null), v => Assert.True(v.IsMounted));
        await volumes.UnmountAsync(request, null);
        Assert.All(files, f => Assert.Equal(UnixFileMode.UserRead, File.GetUnixFileMode(f)));
        Assert.Empty(Directory.GetDirectories(Path.GetTempPath(), "charly-passwd-*"));

        Task ChangeAsync(PodVolumes on, string old, string next) => on.ChangePassphraseAsync(request, (question, _) => Task.FromResult<string?>(question.StartsWith("Old", StringComparison.Ordinal) ? old : next));
    }

    [DirectFact]
    public async Task Who_claims_what_another_holds_gets_it_and_the_other_runs_again_afterwards()
    {
        lab.Entries("  direct-studio: {box: notes, preemptible: [gpu]}\n  direct-bench: {box: notes, requires_exclusive: [gpu]}\n");
        await new ConfigurePod(lab.Context).RunAsync(Config("direct-studio"));
        await new StartPod(lab.Context).RunAsync(Config("direct-bench"));
        Assert.Equal("charly-direct-bench\n", await RunningAsync());
        Assert.Equal("direct-bench", Assert.Single(await new GetLeases(lab.Context).RunAsync()).Name);
        await new StopPod(lab.Context).RunAsync(new PodRequest { Name = "direct-bench" });
        Assert.Equal("charly-direct-studio\n", await RunningAsync());
        Assert.Empty(await new GetLeases(lab.Context).RunAsync());
        foreach (var name in (string[])["direct-bench", "direct-studio"]) await new RemovePod(lab.Context).RunAsync(new RemovePodRequest { Name = name, Purge = true });
        Assert.Equal("", await RunningAsync());
    }

    private Task<string> RunningAsync() => lab.MustAsync("podman", "ps", "--filter", "name=^charly-direct-", "--format", "{{.Names}}");

    private async Task<string> InAsync(string name, string command)
    {
        var session = await new EnterPod(lab.Context).RunAsync(new EnterPodRequest { Name = name, Command = command, Terminal = false, MustRun = true });
        return await lab.MustAsync(session.Program, [.. session.Arguments]);
    }

    private static ConfigurePodRequest Config(string name) => new() { Name = name, Autodetect = false };

    private static async Task<string> GetAsync(int port, string path)
    {
        using var client = new HttpClient();
        return await client.GetStringAsync($"http://127.0.0.1:{port}/{path}");
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
