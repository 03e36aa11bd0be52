using System.Text;
using OpenCharly.Foundation;
using OpenCharly.Tests.Vms;
using OpenCharly.Vms.Ssh;

namespace OpenCharly.Tests.Vms.Ssh;

public sealed class ManagedSshConfigTests : IDisposable
{
    private const string Begin = "# opencharly:begin (managed by charly; do not edit inside this block)\n";
    private const string End = "# opencharly:end\n";

    private readonly Host _host = new();

    private ManagedSshConfig Config => new(_host.Paths);

    private string UserFile => _host.Paths.UserSshConfig;

    [Fact]
    public async Task Both_files_are_exactly_this()
    {
        await Config.SetAsync(Stanza("charly-web", 2223, "/k/id"));
        await Config.SetAsync(Stanza("charly-db", 2224, null) with { IsHostKeyKnown = false, KnownHosts = "/with blank/100%/known_hosts" });
        Assert.Equal(
            Begin + """
            Host charly-db
                Hostname 127.0.0.1
                Port 2224
                User charly
                StrictHostKeyChecking accept-new
                UserKnownHostsFile "/with blank/100%%/known_hosts"

            Host charly-web
                Hostname 127.0.0.1
                Port 2223
                User charly
                IdentityFile /k/id
                StrictHostKeyChecking yes
                UserKnownHostsFile /s/known_hosts

            """ + End,
            File.ReadAllText(_host.Paths.SshConfig));
        Assert.Equal($"{Begin}Include {_host.Paths.SshConfig}\n{End}", File.ReadAllText(UserFile));
        Assert.Equal(AtomicFile.Private, File.GetUnixFileMode(UserFile));
        Assert.Equal(AtomicFile.Private, File.GetUnixFileMode(_host.Paths.SshConfig));
        Assert.Equal(AtomicFile.PrivateFolder, File.GetUnixFileMode(Path.GetDirectoryName(UserFile)!));
    }

    [Fact]
    public async Task The_last_stanza_takes_everything_of_ours_along()
    {
        await Config.SetAsync(Stanza("charly-web"));
        await Config.SetAsync(Stanza("charly-db"));
        await Config.RemoveAsync("charly-web");
        Assert.True(Config.IsIncludedBy(UserFile));
        await Config.RemoveAsync("charly-db");
        await Config.RemoveAsync("charly-db");
        Assert.False(File.Exists(_host.Paths.SshConfig));
        Assert.False(File.Exists(UserFile));
    }

    [Fact]
    public async Task The_inclusion_stands_above_the_first_host_and_is_made_once()
    {
        Write("Host *\n    User me\n");
        await Config.SetAsync(Stanza("charly-web"));
        var once = File.ReadAllBytes(UserFile);
        await Config.SetAsync(Stanza("charly-web"));
        await Config.SetAsync(Stanza("charly-db"));
        Assert.Equal(once, File.ReadAllBytes(UserFile));
        Assert.StartsWith(Begin, File.ReadAllText(UserFile), StringComparison.Ordinal);
        Assert.EndsWith(End + "Host *\n    User me\n", File.ReadAllText(UserFile), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Blocks_of_the_predecessor_go_and_tagged_blocks_stay()
    {
        const string tagged = "# opencharly:begin direnv (managed by charly)\nHost x\n# opencharly:end direnv\n";
        Write("a\n# overthink:begin (managed)\nInclude old\n# overthink:end\n" + tagged + "b\n");
        await Config.SetAsync(Stanza("charly-web"));
        Assert.EndsWith(End + "a\n" + tagged + "b\n", File.ReadAllText(UserFile), StringComparison.Ordinal);
        await Config.RemoveAsync("charly-web");
        Assert.Equal("a\n" + tagged + "b\n", File.ReadAllText(UserFile));
    }

    [Fact]
    public async Task A_symbolic_link_stays_one()
    {
        Write("");
        var real = _host.At("dotfiles-config");
        File.WriteAllText(real, "Host *\n");
        File.Delete(UserFile);
        File.CreateSymbolicLink(UserFile, real);
        await Config.SetAsync(Stanza("charly-web"));
        Assert.Equal(real, new FileInfo(UserFile).LinkTarget);
        Assert.StartsWith(Begin, File.ReadAllText(real), StringComparison.Ordinal);
        await Config.RemoveAsync("charly-web");
        Assert.Equal("Host *\n", File.ReadAllText(real));
    }

    [Fact]
    public async Task Address_and_port_can_move()
    {
        await Config.SetAsync(Stanza("charly-web", 1));
        await Config.MoveAsync("charly-web", "192.0.2.7", 22);
        await Config.MoveAsync("charly-none", "192.0.2.8", 23);
        var text = File.ReadAllText(_host.Paths.SshConfig);
        Assert.Contains("    Hostname 192.0.2.7\n    Port 22\n", text, StringComparison.Ordinal);
        Assert.DoesNotContain("192.0.2.8", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_path_that_ssh_could_not_read_is_refused() =>
        Assert.Equal(Errors.BadName, (await Assert.ThrowsAsync<CharlyException>(() => Config.SetAsync(Stanza("charly-web", 1, "/a\"b")))).Code);

    [Fact]
    public async Task Whatever_the_file_holds_comes_back_byte_by_byte()
    {
        string[] pieces =
        [
            "Host *\n", "    User me\n", "\r\n", "\n", "# comment", "# opencharly:begin", "# opencharly:end x\n", "# overthink", "\t", "\0", "é", "Include other\n",
            "Match all\n", " # opencharly:end\n", "x# opencharly:end\n",
        ];
        for (var seed = 0; seed < 300; seed++)
        {
            var random = new Random(seed);
            var bytes = Enumerable.Range(0, random.Next(12)).SelectMany(_ => random.Next(6) == 0
                ? [(byte)random.Next(256)]
                : Encoding.UTF8.GetBytes(pieces[random.Next(pieces.Length)])).ToArray();
            Directory.CreateDirectory(Path.GetDirectoryName(UserFile)!);
            File.WriteAllBytes(UserFile, bytes);
            await Config.SetAsync(Stanza("charly-web"));
            var included = File.ReadAllBytes(UserFile);
            Assert.True(included.AsSpan().EndsWith(bytes), $"seed {seed}");
            await Config.RemoveAsync("charly-web");
            if (string.IsNullOrWhiteSpace(Encoding.Latin1.GetString(bytes))) Assert.False(File.Exists(UserFile), $"seed {seed}");
            else Assert.True(File.ReadAllBytes(UserFile).AsSpan().SequenceEqual(bytes), $"seed {seed}");
        }
    }

    public void Dispose() => _host.Dispose();

    private static SshStanza Stanza(string alias, int port = 2222, string? key = null) => new(alias, "127.0.0.1", port, "charly", key, "/s/known_hosts", true);

    private void Write(string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(UserFile)!);
        File.WriteAllText(UserFile, text);
    }
}
