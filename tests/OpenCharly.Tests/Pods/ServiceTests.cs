using OpenCharly.Boxes;
using OpenCharly.Execution;
using OpenCharly.Foundation;
using OpenCharly.Operations;

namespace OpenCharly.Tests.Pods;

/// <summary>Services inside of running pods (pod.md §15.5), and the password of the VNC server among them (§17).</summary>
public sealed class ServiceTests : IDisposable
{
    private readonly PodLab _lab = new();
    private readonly List<ProcessRequest> _execs = [];
    private string _states = "wayvnc RUNNING pid 12, uptime 0:00:03\nweb STOPPED Not started\n";
    private bool _runs = true;

    public ServiceTests()
    {
        Image("supervisord", "wayvnc", "web");
        _lab.Write("deploy:\n  desk: {box: desk}\n  desk/lab: {box: desk}\n");
        _lab.Play = request =>
        {
            if (request.Arguments is ["container", "inspect", "--format", "{{.State.Running}} {{.Config.Image}}", ..]) return PodLab.Done(_runs ? "true desk:2026.150.0900\n" : "false desk:2026.150.0900\n");
            if (request.Arguments[0] != "exec") return null;
            _execs.Add(request);
            return request.Arguments.Contains("status") || request.Arguments.Contains("is-active") ? new CommandResult(_states, "", 3, TimeSpan.Zero) : PodLab.Done();
        };
    }

    private IEnumerable<string> Execs => _execs.Select(r => string.Join(' ', r.Arguments));

    public void Dispose() => _lab.Dispose();

    [Fact]
    public async Task The_list_is_what_the_image_names_with_what_supervisord_says_of_it()
    {
        var services = await new ControlPodService(_lab.Context).ListAsync(new PodRequest { Name = "desk" });
        Assert.Equal([new PodServiceState("desk", "wayvnc", "running"), new PodServiceState("desk", "web", "stopped")], services);
        Assert.Equal(["exec charly-desk supervisorctl status wayvnc web"], Execs);
    }

    [Fact]
    public async Task Systemd_is_asked_in_its_own_words()
    {
        Image("systemd", "web.service", "wayvnc.service");
        _states = "active\nfailed\n";
        var services = await new ControlPodService(_lab.Context).ListAsync(new PodRequest { Name = "desk", Instance = "lab" });
        Assert.Equal(["web.service active", "wayvnc.service failed"], services.Select(s => $"{s.Name} {s.Status}"));
        Assert.Equal(["exec charly-desk-lab systemctl --user is-active web.service wayvnc.service"], Execs);
    }

    [Fact]
    public async Task A_service_is_restarted_and_its_state_comes_back()
    {
        var state = await new ControlPodService(_lab.Context).RunAsync(new PodRequest { Name = "desk" }, PodServiceVerb.Restart, "wayvnc");
        Assert.Equal("running", state.Status);
        Assert.Equal(["exec charly-desk supervisorctl restart wayvnc", "exec charly-desk supervisorctl status wayvnc"], Execs);
    }

    [Fact]
    public async Task A_service_that_the_image_does_not_name_is_an_error_that_lists_those_it_does()
    {
        var error = await FailAsync(Errors.PodServiceUnknown, () => new ControlPodService(_lab.Context).RunAsync(new PodRequest { Name = "desk" }, PodServiceVerb.Stop, "mail; id"));
        Assert.Contains("wayvnc, web", error.Help, StringComparison.Ordinal);
        Assert.Empty(_execs);
    }

    [Fact]
    public async Task Another_init_system_and_a_stopped_pod_are_errors()
    {
        _runs = false;
        await FailAsync(Errors.PodNotRunning, () => new ControlPodService(_lab.Context).ListAsync(new PodRequest { Name = "desk" }));
        _runs = true;
        Image("runit", "web");
        await FailAsync(Errors.PodInit, () => new ControlPodService(_lab.Context).ListAsync(new PodRequest { Name = "desk" }));
        Assert.Empty(_execs);
    }

    [Fact]
    public async Task What_supervisord_refuses_is_an_error()
    {
        var play = _lab.Play;
        _lab.Play = r => r.Arguments.Contains("start") ? PodLab.Done("web: ERROR (spawn error)\n") : play(r);
        var error = await FailAsync(Errors.PodService, () => new ControlPodService(_lab.Context).RunAsync(new PodRequest { Name = "desk" }, PodServiceVerb.Start, "web"));
        Assert.Contains("spawn error", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_generated_password_is_kept_and_goes_in_by_standard_input_only()
    {
        var set = await new SetVncPassword(_lab.Context).RunAsync(new VncPasswordRequest { Name = "desk", Instance = "lab", Generate = true });
        Assert.Matches("^[0-9a-f]{32}$", set.Password);
        Assert.Equal(("desk/lab", "user", "config"), (set.Name, set.User, set.Source));
        Assert.Equal(set.Password, (await new GetSettings(_lab.Context).GetAsync("vnc.password.desk/lab")).Value);
        Assert.Equal(set.Password, (await new GetSecrets(_lab.Context).ReadAsync("charly/vnc", "desk-lab")).Value);
        var script = Assert.Single(_execs, r => r.Input is not null);
        Assert.Equal("exec -i --user user charly-desk-lab sh -s", string.Join(' ', script.Arguments));
        Assert.Contains($"password={set.Password}\n", script.Input, StringComparison.Ordinal);
        Assert.Contains("username=user\n", script.Input, StringComparison.Ordinal);
        Assert.DoesNotContain(_lab.Requests, r => r.Arguments.Any(a => a.Contains(set.Password!, StringComparison.Ordinal)));
        Assert.Equal("exec charly-desk-lab supervisorctl restart wayvnc", Execs.ElementAt(2));
    }

    [Fact]
    public async Task What_goes_in_is_a_configuration_with_keys_and_a_second_time_leaves_the_keys()
    {
        using var home = new TemporaryHome();
        ImageAt(home.Path, "supervisord", "wayvnc");
        await SetSettingAsync("it's a \"secret\" $HOME");
        await new SetVncPassword(_lab.Context).RunAsync(new VncPasswordRequest { Name = "desk" });
        await RunScriptAsync();
        var folder = Path.Combine(home.Path, ".config/wayvnc");
        var first = File.ReadAllText(Path.Combine(folder, "tls_key.pem"));
        Assert.Contains("password=it's a \"secret\" $HOME\n", File.ReadAllText(Path.Combine(folder, "config")), StringComparison.Ordinal);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(folder, "config")));
        using var certificate = System.Security.Cryptography.X509Certificates.X509Certificate2.CreateFromPemFile(Path.Combine(folder, "tls_cert.pem"), Path.Combine(folder, "tls_key.pem"));
        Assert.Equal("CN=charly-desk", certificate.Subject);
        using var rsa = System.Security.Cryptography.RSA.Create();
        rsa.ImportFromPem(File.ReadAllText(Path.Combine(folder, "rsa_key.pem")));
        Assert.Equal(2048, rsa.KeySize);

        await new SetVncPassword(_lab.Context).RunAsync(new VncPasswordRequest { Name = "desk" });
        await RunScriptAsync();
        Assert.Equal(first, File.ReadAllText(Path.Combine(folder, "tls_key.pem")));
    }

    [Fact]
    public async Task Without_a_password_it_is_asked_for_and_kept()
    {
        var set = await new SetVncPassword(_lab.Context).RunAsync(new VncPasswordRequest { Name = "desk", Ask = (_, _) => Task.FromResult<string?>("typed") });
        Assert.Null(set.Password);
        Assert.Equal("typed", (await new GetSettings(_lab.Context).GetAsync("vnc.password.desk")).Value);
        await FailAsync(Errors.PodSecret, () => new SetVncPassword(_lab.Context).RunAsync(new VncPasswordRequest { Name = "desk", Instance = "lab" }));
    }

    [Theory]
    [InlineData(true, null, "make up a password of desk, and keep it as charly/vnc desk")]
    [InlineData(false, null, "ask for a password of desk, and keep it as charly/vnc desk")]
    [InlineData(false, "kept", "take the password of desk from config")]
    public async Task A_dry_run_says_where_the_password_would_come_from_and_changes_nothing(bool generate, string? kept, string first)
    {
        if (kept is not null) await SetSettingAsync(kept);
        var before = _lab.Photograph();
        var request = new VncPasswordRequest { Name = "desk", Generate = generate, Ask = (_, _) => throw new InvalidOperationException("nobody is to be asked") };
        Assert.Equal([first, "write /home/user/.config/wayvnc/config in charly-desk", "restart wayvnc in charly-desk"], await new SetVncPassword(_lab.Context).PreviewAsync(request));
        Assert.Equal(before, _lab.Photograph());
        Assert.Equal(["exec charly-desk supervisorctl status wayvnc"], Execs);
    }

    [Fact]
    public async Task A_dry_run_refuses_what_the_run_would_refuse()
    {
        await FailAsync(Errors.PodSecret, () => new SetVncPassword(_lab.Context).PreviewAsync(new VncPasswordRequest { Name = "desk" }));
        Image("supervisord", "web");
        await FailAsync(Errors.PodServiceUnknown, () => new SetVncPassword(_lab.Context).PreviewAsync(new VncPasswordRequest { Name = "desk", Generate = true }));
    }

    [Fact]
    public async Task The_command_prints_what_it_would_do()
    {
        using var run = new OpenCharly.Tests.Cli.CommandRun { Processes = _lab };
        Directory.CreateDirectory(Path.GetDirectoryName(run.HostFile)!);
        File.Copy(_lab.HostFile, run.HostFile);
        Assert.Equal(0, await run.RunAsync("eval", "vnc", "passwd", "desk", "--generate", "--dry-run"));
        Assert.Equal("would make up a password of desk, and keep it as charly/vnc desk\nwould write /home/user/.config/wayvnc/config in charly-desk\nwould restart wayvnc in charly-desk\n", run.Output);
    }

    [Fact]
    public async Task A_password_that_the_file_can_not_hold_changes_nothing()
    {
        var before = _lab.Photograph();
        await FailAsync(Errors.PodSecret, () => new SetVncPassword(_lab.Context).RunAsync(new VncPasswordRequest { Name = "desk", Ask = (_, _) => Task.FromResult<string?>("two\nlines") }));
        Assert.Equal(before, _lab.Photograph());
        Assert.DoesNotContain(_execs, r => r.Input is not null);
    }

    [Fact]
    public async Task An_image_without_the_server_is_refused_before_anything_is_kept()
    {
        Image("supervisord", "web");
        var before = _lab.Photograph();
        await FailAsync(Errors.PodServiceUnknown, () => new SetVncPassword(_lab.Context).RunAsync(new VncPasswordRequest { Name = "desk", Generate = true }));
        Assert.Equal(before, _lab.Photograph());
    }

    private void Image(string init, params string[] services) => ImageAt("/home/user", init, services);

    private void ImageAt(string home, string init, params string[] services)
    {
        _lab.Clear();
        _lab.Add("desk:2026.150.0900", PodCases.Plain with { Box = "desk", Init = init, Home = home, User = "user", ServiceNames = new Dictionary<string, IReadOnlyList<string>> { [init] = services } });
    }

    private Task SetSettingAsync(string password) => new SetSetting(_lab.Context).RunAsync("vnc.password.desk", password);

    private async Task RunScriptAsync()
    {
        var ran = await new ProcessRunner(CharlyEnvironment.FromProcess()).RunAsync(new ProcessRequest("sh", "-s") { Input = _execs.Last(r => r.Input is not null).Input });
        Assert.True(ran.Succeeded, ran.StandardError);
    }

    private static async Task<CharlyException> FailAsync(ErrorCode code, Func<Task> work)
    {
        var error = await Assert.ThrowsAsync<CharlyException>(work);
        Assert.Equal(code, error.Code);
        Assert.NotEmpty(error.Help);
        return error;
    }

    private sealed class TemporaryHome : IDisposable
    {
        public string Path { get; } = Directory.CreateTempSubdirectory("charly-vnc-").FullName;

        public void Dispose() => Directory.Delete(Path, recursive: true);
    }
}
