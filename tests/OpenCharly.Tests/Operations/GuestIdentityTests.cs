using System.Diagnostics;
using OpenCharly.Foundation;
using OpenCharly.Operations;
using OpenCharly.Tests.Vms;
using OpenCharly.Tests.Vms.Qemu;
using OpenCharly.Vms;

namespace OpenCharly.Tests.Operations;

/// <summary>What a machine that wakes from another's state gets of its own, and by which way.</summary>
public sealed class GuestIdentityTests : IDisposable
{
    private const string PrivateKey = "-----BEGIN KEY-----\nPRIVATE\n-----END KEY-----\n";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly VmName Name = VmName.Create("web", "two");
    private static readonly GuestKeys Keys = new("ssh-ed25519 AAA it's", "ssh-ed25519 NEW n", "ssh-ed25519 OLD o");

    private readonly Host _host = new();

    public GuestIdentityTests()
    {
        var key = _host.Services.Files(Name).HostKey;
        Directory.CreateDirectory(Path.GetDirectoryName(key)!);
        File.WriteAllText(key, PrivateKey);
    }

    private string Channel => _host.At("qga.sock");

    public void Dispose() => _host.Dispose();

    [Fact]
    public async Task The_agent_gets_the_whole_script_beside_its_command_line()
    {
        var scripts = new List<string>();
        await using var agent = new PlayedAgent(Channel, PlayedAgent.Running(0, scripts: scripts));
        Assert.True(await RenewAsync());
        Assert.Contains(PrivateKey.Trim(), Assert.Single(scripts), StringComparison.Ordinal);

        // Neither in clear nor as base64 is the key anywhere but in what the shell reads.
        Assert.All(agent.Heard, line => Assert.DoesNotContain("PRIVATE", line, StringComparison.Ordinal));
        Assert.Single(agent.Heard, line => line.Contains("input-data", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_silent_agent_leaves_it_to_ssh()
    {
        await using var agent = new PlayedAgent(Channel, (_, _) => "");
        Assert.False(await RenewAsync(TimeSpan.FromMilliseconds(100)));
        Assert.Contains(_host.Notices, n => n.EndsWith("made anew over ssh: it does not answer within 0.1 s", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_agent_that_runs_no_programs_leaves_it_to_ssh()
    {
        await using var agent = new PlayedAgent(Channel, (command, arguments) => command == "guest-exec" ? """{"error": {"desc": "disabled"}}""" : PlayedAgent.Running(0)(command, arguments));
        Assert.False(await RenewAsync());
        Assert.Contains(_host.Notices, n => n.Contains("runs no programs", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_script_that_fails_is_one_error_with_its_last_words_and_without_the_key()
    {
        await using var agent = new PlayedAgent(Channel, PlayedAgent.Running(1, "sh: can't create /etc/machine-id: Read-only file system\n"));
        var error = await Assert.ThrowsAsync<CharlyException>(() => RenewAsync());
        Assert.Equal(Errors.SnapshotFailed, error.Code);
        Assert.Equal("machine web/two woke, but its identity could not be made anew: sh: can't create /etc/machine-id: Read-only file system", error.Message);
        Assert.DoesNotContain("PRIVATE", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_agent_that_falls_silent_half_way_is_an_error_and_ssh_is_not_tried()
    {
        await using var agent = new PlayedAgent(Channel, (command, arguments) => command == "guest-exec-status" ? null : PlayedAgent.Running(0)(command, arguments));
        var error = await Assert.ThrowsAsync<CharlyException>(() => RenewAsync());
        Assert.Equal(Errors.SnapshotFailed, error.Code);
        Assert.EndsWith("its agent: it hung up", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_script_quotes_every_word_and_is_another_one_each_time()
    {
        var script = Script();
        Assert.Contains("date -u -s @0.000 >/dev/null", script, StringComparison.Ordinal);
        Assert.Contains("host=web-two\n", script, StringComparison.Ordinal);
        Assert.Contains("'ssh-ed25519 AAA it'\\''s'", script, StringComparison.Ordinal);
        Assert.Contains("gone='ssh-ed25519 OLD'\n", script, StringComparison.Ordinal);
        Assert.NotEqual(script, Script());
        Assert.DoesNotContain("gone=", IdentityScript.Render(Name, "tester", DateTimeOffset.UnixEpoch, PrivateKey, Keys with { LogIn = null }), StringComparison.Ordinal);
    }

    /// <summary>The script's own words, in the strictest shell that is here, on files of a folder instead of a guest's.</summary>
    [Theory]
    [InlineData("127.0.0.1 localhost\n# web is here\n127.0.1.1\tweb.example.org web\n", "127.0.0.1 localhost\n# web-two is here\n127.0.1.1 web.example.org web-two\n")]
    [InlineData("127.0.1.1 website webs", "127.0.1.1 website webs\n")]
    public void Files_of_the_guest_name_it_and_let_in_its_user(string hosts, string expected)
    {
        var root = Directory.CreateDirectory(_host.At("root")).FullName;
        foreach (var folder in (string[])["etc/ssh/authorized_keys.d", "run", "dev", "proc/sys/kernel", "home/tester/.ssh"]) Directory.CreateDirectory(Path.Combine(root, folder));
        Write("etc/hosts", hosts);
        Write("etc/hostname", "web\n");
        Write("etc/machine-id", "old\n");
        Write("etc/passwd", $"root:x:0:0:root:/root:/bin/sh\ntester:x:1000:1000::{root}/home/tester:/bin/sh\n");
        Write("home/tester/.ssh/authorized_keys", "ssh-ed25519 OLD another comment\n\nssh-rsa KEPT * me\nssh-ed25519 NEW n");
        Write("etc/ssh/ssh_host_rsa_key", "old");
        Write("bin/date", "#!/bin/sh\n");
        Write("bin/systemctl", "#!/bin/sh\necho \"$*\" >> $LOG\n");
        var script = Script().Replace(" /etc/", $" {root}/etc/", StringComparison.Ordinal).Replace("=/etc/", $"={root}/etc/", StringComparison.Ordinal)
            .Replace(" \"/etc/", $" \"{root}/etc/", StringComparison.Ordinal).Replace(" /run/", $" {root}/run/", StringComparison.Ordinal)
            .Replace(" /proc/", $" {root}/proc/", StringComparison.Ordinal).Replace("/dev/urandom", $"{root}/dev/urandom", StringComparison.Ordinal);
        using var shell = Process.Start(new ProcessStartInfo("/bin/sh", ["-s"])
        {
            RedirectStandardInput = true, RedirectStandardError = true, Environment = { ["PATH"] = $"{root}/bin:{Environment.GetEnvironmentVariable("PATH")}", ["LOG"] = $"{root}/log" },
        })!;
        shell.StandardInput.Write(script);
        shell.StandardInput.Close();
        var said = shell.StandardError.ReadToEnd();
        shell.WaitForExit();
        Assert.Equal((0, ""), (shell.ExitCode, said));
        Assert.Equal(expected, Read("etc/hosts"));
        Assert.Equal(("web-two\n", "web-two"), (Read("etc/hostname"), Read("proc/sys/kernel/hostname")));
        Assert.Matches("^[0-9a-f]{32}\n$", Read("etc/machine-id"));
        Assert.Equal("ssh-rsa KEPT * me\nssh-ed25519 NEW n\n", Read("home/tester/.ssh/authorized_keys"));
        Assert.Equal(PrivateKey, Read("etc/ssh/ssh_host_ed25519_key"));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(root, "etc/ssh/ssh_host_ed25519_key")));
        Assert.Equal("ssh-ed25519 AAA it's\n", Read("etc/ssh/ssh_host_ed25519_key.pub"));
        Assert.False(File.Exists(Path.Combine(root, "etc/ssh/ssh_host_rsa_key")));
        Assert.Equal("reload-or-restart ssh\n", Read("log"));

        void Write(string path, string text)
        {
            var full = Path.Combine(root, path);
            Directory.CreateDirectory(Path.GetDirectoryName(full)!);
            File.WriteAllText(full, text);
            if (path.StartsWith("bin/", StringComparison.Ordinal)) File.SetUnixFileMode(full, (UnixFileMode)0b111_101_101);
        }

        string Read(string path) => File.ReadAllText(Path.Combine(root, path));
    }

    private static string Script() => IdentityScript.Render(Name, "tester", DateTimeOffset.UnixEpoch, PrivateKey, Keys);

    private Task<bool> RenewAsync(TimeSpan? limit = null) =>
        new GuestIdentity(_host.Services, Name, "tester").TryRenewByAgentAsync(Channel, limit ?? Patience, Keys, CancellationToken.None);
}
