using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using System.Security.Cryptography;
using OpenCharly.Checks;

namespace OpenCharly.Tests.Checks;

/// <summary>Every verb against this machine: once as it is, once as it is not.</summary>
public sealed class VerbTests : IDisposable
{
    private readonly CheckLab _lab = new();

    public void Dispose() => _lab.Dispose();

    [Fact]
    public async Task Files()
    {
        var path = Path.Combine(_lab.Home, "it's a file");
        File.WriteAllText(path, "first\nsecond \\n line\n");
        File.SetUnixFileMode(path, (UnixFileMode)0b110_100_000);
        File.CreateSymbolicLink(Path.Combine(_lab.Home, "link"), path);
        var digest = Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(path)));
        var here = "file: \"~/it's a file\"";
        await _lab.ProveAsync($"{{{here}}}", "{file: ~/nothing}", "exists", "does not exist");
        await _lab.ProveAsync("{file: ~/nothing, exists: false}", $"{{{here}, exists: false}}", "does not exist", "exists");
        await _lab.ProveAsync($"{{{here}, mode: '640'}}", $"{{{here}, mode: '0644'}}", "mode 0644", "mode 0640");
        await _lab.ProveAsync($"{{{here}, owner: {Environment.UserName}}}", $"{{{here}, owner: nobody}}", "owner nobody", $"owner {Environment.UserName}");
        await _lab.ProveAsync($"{{{here}, filetype: file}}", $"{{{here}, filetype: directory}}", "directory", "file");
        await _lab.ProveAsync("{file: ~/link, filetype: symlink, mode: '0640'}", $"{{{here}, filetype: symlink}}", "symlink", "file");
        await _lab.ProveAsync($"{{{here}, contains: ['second \\n line', {{matches: '(?m)^first$'}}]}}", $"{{{here}, contains: third}}", "containing \"third\"", "first⏎second");
        await _lab.ProveAsync($"{{{here}, sha256: {digest}}}", $"{{{here}, sha256: {new string('0', 64)}}}", "sha256 0000", $"sha256 {digest}");
        await _lab.ProveAsync("{file: '${HOME}', filetype: directory}", "{file: '${HOME}', contains: x}", "content", "directory");
    }

    [Fact]
    public async Task Large_files_are_searched_too()
    {
        File.WriteAllText(Path.Combine(_lab.Home, "large"), new string('x', 300_000) + "ünd\n");
        await _lab.ProveAsync("{file: ~/large, contains: xünd}", "{file: ~/large, contains: y}", "containing", "xxx");
    }

    [Fact]
    public async Task Commands()
    {
        await _lab.ProveAsync("{command: 'true'}", "{command: 'echo no >&2; exit 3'}", "exit status 0", "exit status 3");
        await _lab.ProveAsync("{command: exit 3, exit_status: 3}", "{command: 'true', exit_status: 1}", "exit status 1", "exit status 0");
        await _lab.ProveAsync("{command: 'echo a; echo b', stdout: \"a\\nb\"}", "{command: echo a, stdout: b}", "equal to \"b\"", "\"a\"");
        await _lab.ProveAsync("{command: echo a >&2, stderr: a}", "{command: echo a, stderr: {contains: a}}", "standard error containing", "\"\"");
        await _lab.ProveAsync("{command: 'cat; echo $0', stdout: {contains: .sh}}", "{command: sleep 30, timeout: 200ms}", "an end within 0.2 s", "stopped");
        await _lab.ProveAsync("{command: printf '\\134n\\\\', stdout: '\\n\\'}", "{command: printf 'a\\\\', stdout: a}", "equal to", "\"a\\\"");
    }

    [Fact]
    public async Task A_failed_command_says_what_it_said()
    {
        var result = Assert.Single(await _lab.RunAsync("- {command: 'echo it broke >&2; false'}"));
        Assert.Equal("it broke", result.Message);
    }

    [Fact]
    public async Task Commands_see_what_candies_put_into_the_environment()
    {
        var folder = Directory.CreateDirectory(Path.Combine(_lab.Home, ".config", "opencharly", "env.d")).FullName;
        File.WriteAllText(Path.Combine(folder, "demo.env"), "export FROM_CANDY='a b'\nexport PATH=\"$HOME/tools:$PATH\"\n");
        Directory.CreateDirectory(Path.Combine(_lab.Home, "tools"));
        File.WriteAllText(Path.Combine(_lab.Home, "tools", "my-tool"), "#!/bin/sh\necho $FROM_CANDY\n");
        File.SetUnixFileMode(Path.Combine(_lab.Home, "tools", "my-tool"), (UnixFileMode)0b111_101_101);
        await _lab.ProveAsync("{command: my-tool, stdout: a b}", "{command: my-tool, stdout: b}", "\"b\"", "\"a b\"");
    }

    [Fact]
    public async Task Packages()
    {
        if (!File.Exists("/usr/bin/dpkg-query")) return;
        await _lab.ProveAsync("{package: bash}", "{package: no-such-package}", "installed", "not installed");
        await _lab.ProveAsync("{package: no-such-package, installed: false}", "{package: bash, installed: false}", "not installed", "installed");
        await _lab.ProveAsync("{package: shell, package_map: {debian: x, 'debian-12': bash}}", "{package: bash, package_map: {deb: no-such}}", "installed (no-such)", "not installed (no-such)");
        await _lab.ProveAsync("{package: bash, version: [1.0, \"5.2.15\", \"5.2.37\"]}", "{package: bash, version: [1.0]}", "version 1.0", "version ");
    }

    [Fact]
    public async Task Packages_without_a_package_manager_are_skipped()
    {
        _lab.Facts = _lab.Facts with { Format = null };
        var result = Assert.Single(await _lab.RunAsync("- package: bash"));
        Assert.Equal((CheckStatus.Skip, "no known package manager there"), (result.Status, result.Message));
    }

    [Fact]
    public async Task Ports_and_addresses()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        var closed = FreePort();
        await _lab.ProveAsync($"{{port: {port}}}", $"{{port: {closed}}}", "listening", "nothing listens");
        await _lab.ProveAsync($"{{port: {port}, ip: 127.0.0.1, reachable: true, listening: true}}", $"{{port: {port}, ip: 0.0.0.0}}", "listening on 0.0.0.0", "listening on 127.0.0.1");
        await _lab.ProveAsync($"{{port: {closed}, listening: false}}", $"{{port: {closed}, reachable: true}}", "reachable", "not reachable");
        await _lab.ProveAsync($"{{addr: '127.0.0.1:${{HOST_PORT:{port}}}'}}", $"{{addr: '127.0.0.1:{closed}'}}", "reachable", "not reachable");
        await _lab.ProveAsync($"{{addr: 'localhost:{closed}', reachable: false}}", $"{{addr: 'localhost:{port}', reachable: false}}", "not reachable", "reachable");

        using var udp = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        var udpPort = ((IPEndPoint)udp.Client.LocalEndPoint!).Port;
        await _lab.ProveAsync($"{{port: {udpPort}/udp}}", $"{{port: {udpPort}/tcp}}", "listening", "nothing listens");
    }

    [Theory]
    [InlineData("0100007F:1F90", "127.0.0.1")]
    [InlineData("00000000:0016", "0.0.0.0")]
    [InlineData("00000000000000000000000000000000:0016", "0.0.0.0")]
    [InlineData("00000000000000000000000001000000:0016", "::1")]
    [InlineData("0000000000000000FFFF00000100007F:0016", "127.0.0.1")]
    public void Sockets_of_the_kernel_are_read(string socket, string address) => Assert.Equal(address, OpenCharly.Checks.Probes.PortProbe.Decode(socket));

    [Fact]
    public async Task Processes()
    {
        await _lab.ProveAsync("{process: bash}", "{process: no-such-program}", "running", "not running");
        await _lab.ProveAsync("{process: no-such-program, running: false}", "{process: bash, running: false}", "not running", "running");
    }

    [Fact]
    public async Task Users_and_groups()
    {
        await _lab.ProveAsync("{user: root, uid: 0, gid: 0, home: /root, groups: [root]}", "{user: root, uid: 1}", "uid 1", "uid 0");
        await _lab.ProveAsync("{user: no-such-user, exists: false}", "{user: no-such-user}", "exists", "does not exist");
        await _lab.ProveAsync("{user: daemon, shell: /usr/sbin/nologin}", "{user: daemon, groups: [root]}", "group root", "group daemon");
        await _lab.ProveAsync("{group: root, gid: 0}", "{group: root, gid: 7}", "gid 7", "gid 0");
        await _lab.ProveAsync("{group: no-such-group, exists: false}", "{group: no-such-group}", "exists", "does not exist");
    }

    [Fact]
    public async Task Names()
    {
        await _lab.ProveAsync("{dns: localhost}", "{dns: no-such-host.invalid}", "resolves", "does not resolve");
        await _lab.ProveAsync("{dns: localhost, addrs: ['127.0.0.1']}", "{dns: localhost, addrs: ['192.0.2.1']}", "address 192.0.2.1", "");
        await _lab.ProveAsync("{dns: no-such-host.invalid, resolvable: false}", "{dns: localhost, resolvable: false}", "does not resolve", "resolves");
    }

    [Fact]
    public async Task Names_of_one_server()
    {
        await using var server = new NameServer("web.example.org", "192.0.2.80", "2001:db8::80");
        await _lab.ProveAsync(
            $"{{dns: web.example.org, server: '127.0.0.1:{server.Port}', addrs: [192.0.2.80, '2001:db8::80']}}",
            $"{{dns: web.example.org, server: '127.0.0.1:{server.Port}', addrs: [192.0.2.81]}}", "address 192.0.2.81", "192.0.2.80");
        await _lab.ProveAsync(
            $"{{dns: other.example.org, server: '127.0.0.1:{server.Port}', resolvable: false}}",
            $"{{dns: other.example.org, server: '127.0.0.1:{server.Port}'}}", "resolves", "does not resolve");
    }

    [Fact]
    public async Task Interfaces()
    {
        var mtu = File.ReadAllText("/sys/class/net/lo/mtu").Trim();
        await _lab.ProveAsync($"{{interface: lo, mtu: {mtu}}}", "{interface: lo, mtu: 1}", "mtu 1", $"mtu {mtu}");
        await _lab.ProveAsync("{interface: nope0, exists: false}", "{interface: nope0}", "exists", "does not exist");
        if (File.Exists("/usr/sbin/ip") || File.Exists("/sbin/ip")) await _lab.ProveAsync("{interface: lo, addrs: [127.0.0.1/8, 127.0.0.1]}", "{interface: lo, addrs: [192.0.2.9]}", "address 192.0.2.9", "127.0.0.1");
    }

    [Fact]
    public async Task Mounts()
    {
        await _lab.ProveAsync("{mount: /proc, filesystem: proc, opt: [rw]}", "{mount: /proc, filesystem: ext4}", "file system ext4", "file system proc");
        await _lab.ProveAsync("{mount: /etc/passwd, exists: false}", "{mount: /no/such}", "mounted", "not mounted");
        await _lab.ProveAsync("{mount: /proc/, mount_source: proc}", "{mount: /proc, opt: [no-such-option]}", "option no-such-option", "rw");
    }

    [Fact]
    public async Task Parameters_of_the_kernel()
    {
        await _lab.ProveAsync("{kernel-param: kernel.ostype, value: Linux}", "{kernel-param: kernel.ostype, value: Minix}", "equal to \"Minix\"", "\"Linux\"");
        await _lab.ProveAsync("{kernel-param: kernel/pid_max, value: {gt: 100}}", "{kernel-param: no.such.parameter, value: 1}", "a parameter of that name", "none");
    }

    [Fact]
    public async Task Texts()
    {
        await _lab.ProveAsync("{matching: abc, contains: b}", "{matching: abc, contains: {matches: z}}", "matching \"z\"", "\"abc\"");
    }

    [Fact]
    public async Task Services_are_skipped_where_nothing_runs_them()
    {
        if (Directory.Exists("/run/systemd/system") || File.Exists("/usr/bin/supervisorctl")) return;
        var result = Assert.Single(await _lab.RunAsync("- service: sshd"));
        Assert.Equal((CheckStatus.Skip, "neither supervisord nor systemd runs there"), (result.Status, result.Message));
    }

    [Fact]
    public async Task Services_of_supervisord()
    {
        if (Directory.Exists("/run/systemd/system")) return;
        _lab.Program("supervisorctl", "case $2 in web) echo 'web   RUNNING  pid 12, uptime 0:01:00';; db) echo 'db   FATAL  Exited too quickly';; *) echo \"$2: ERROR (no such process)\"; exit 4;; esac");
        await _lab.ProveAsync("{service: web}", "{service: db}", "running", "fatal");
        await _lab.ProveAsync("{service: db, running: false, enabled: true}", "{service: nope}", "running", "no service of that name: neither nope.service nor charly-demo-nope.service");
    }

    [Fact]
    public async Task Instruments_are_skipped_with_the_reason()
    {
        var result = Assert.Single(await _lab.RunAsync("- {mcp: ping}"));
        Assert.Equal(CheckStatus.Skip, result.Status);
        Assert.Contains("mcp", result.Message, StringComparison.Ordinal);
    }

    private static int FreePort()
    {
        var busy = IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpListeners().Select(e => e.Port).ToHashSet();
        return Enumerable.Range(20000, 40000).First(p => !busy.Contains(p));
    }
}
