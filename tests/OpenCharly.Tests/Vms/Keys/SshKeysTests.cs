using OpenCharly.Execution;
using OpenCharly.Foundation;
using OpenCharly.Tests.Vms.Images;
using OpenCharly.Vms.Keys;

namespace OpenCharly.Tests.Vms.Keys;

public sealed class SshKeysTests : IDisposable
{
    private const string Line = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBkK0uw7qkqVbbWs0sGbLsM3g8Sv2ZrT6H0m2hQ3Yw5a me@example.org";

    private readonly TemporaryFolder _folder = new();
    private readonly KeygenStandIn _keygen = new();

    private string State => _folder.File("state");

    private SshKeys Keys => new(TemporaryFolder.Environment(_folder.Path), _keygen);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Generate_makes_a_private_pair_once()
    {
        var first = await Keys.ResolveAsync("generate", State);
        var again = await Keys.ResolveAsync("generate", State);
        Assert.Equal(first, again);
        Assert.Equal(1, _keygen.Runs);
        Assert.Equal(Path.Combine(State, "id_ed25519"), first!.PrivateKeyPath);
        Assert.Equal(AtomicFile.Private, File.GetUnixFileMode(first.PrivateKeyPath!));
        Assert.Equal(AtomicFile.Shared, File.GetUnixFileMode(first.PublicKeyPath));
        Assert.Equal(AtomicFile.PrivateFolder, File.GetUnixFileMode(State));
    }

    [Fact]
    public async Task Many_at_once_make_one_pair()
    {
        var keys = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Keys.ResolveAsync("generate", State)));
        Assert.Single(keys.Distinct());
        Assert.Equal(1, _keygen.Runs);
    }

    [Fact]
    public async Task An_existing_public_key_is_reused_even_without_its_private_twin()
    {
        Directory.CreateDirectory(State);
        File.WriteAllText(Path.Combine(State, "id_ed25519.pub"), Line + "\n");
        Assert.Equal(new SshKey(Line, Path.Combine(State, "id_ed25519.pub"), null), await Keys.ResolveAsync("generate", State));
        Assert.Equal(0, _keygen.Runs);
    }

    [Fact]
    public async Task A_private_key_alone_gets_its_public_twin_back_and_is_not_made_anew()
    {
        Directory.CreateDirectory(State);
        File.WriteAllText(Path.Combine(State, "id_ed25519"), "precious");
        await Keys.ResolveAsync("generate", State);
        Assert.Equal("precious", File.ReadAllText(Path.Combine(State, "id_ed25519")));
    }

    [Fact]
    public async Task Auto_prefers_ed25519_then_rsa_then_ecdsa_then_any()
    {
        Directory.CreateDirectory(_folder.File(".ssh"));
        foreach (var name in new[] { "zz.pub", "work.pub", "id_ecdsa.pub", "id_rsa.pub", "id_ed25519.pub" })
        {
            File.WriteAllText(Path.Combine(_folder.File(".ssh"), name), Line);
        }

        foreach (var expected in new[] { "id_ed25519.pub", "id_rsa.pub", "id_ecdsa.pub", "work.pub", "zz.pub" })
        {
            var found = (await Keys.ResolveAsync("auto", State))!.PublicKeyPath;
            Assert.Equal(expected, Path.GetFileName(found));
            File.Delete(found);
        }

        Assert.Equal(Errors.SshNoKey, (await Assert.ThrowsAsync<CharlyException>(() => Keys.ResolveAsync("auto", State))).Code);
    }

    [Fact]
    public async Task None_is_no_key() => Assert.Null(await Keys.ResolveAsync("none", State));

    [Fact]
    public async Task A_path_names_a_public_key_and_finds_its_private_twin()
    {
        var path = _folder.File("k.pub");
        File.WriteAllText(path, "# mine\n" + Line + "\n");
        File.WriteAllText(_folder.File("k"), "private");
        Assert.Equal(new SshKey(Line, path, _folder.File("k")), await Keys.ResolveAsync(path, State));
    }

    [Theory]
    [InlineData("ssh-rsa AAAAB3NzaC1yc2E=")]
    [InlineData("ecdsa-sha2-nistp256 AAAAE2VjZHNh me")]
    [InlineData("sk-ssh-ed25519@openssh.com AAAAGnNr my key")]
    [InlineData("sk-ecdsa-sha2-nistp256@openssh.com AAAAInNr")]
    public async Task All_kinds_of_keys_are_keys(string line)
    {
        File.WriteAllText(_folder.File("k.pub"), line + "\n");
        Assert.Equal(line, (await Keys.ResolveAsync(_folder.File("k.pub"), State))!.PublicKey);
    }

    [Theory]
    [InlineData("-----BEGIN OPENSSH PRIVATE KEY-----\nabc\n")]
    [InlineData("")]
    [InlineData("word\n")]
    [InlineData("version: 1\n")]
    [InlineData("QFI\u0001 \u0000\u0000\n")]
    [InlineData("ssh-ed25519 not*base64 me\n")]
    [InlineData("<html> <body>\n")]
    public async Task A_file_that_holds_no_public_key_is_refused(string content)
    {
        File.WriteAllText(_folder.File("k"), content);
        var error = await Assert.ThrowsAsync<CharlyException>(() => Keys.ResolveAsync(_folder.File("k"), State));
        Assert.Equal(Errors.SshNoKey, error.Code);
    }

    [Fact]
    public async Task A_guest_host_key_lives_until_it_is_removed()
    {
        var first = await Keys.EnsureHostKeyAsync(State);
        Assert.Equal(first, await Keys.EnsureHostKeyAsync(State));
        Assert.DoesNotContain(first.PrivateKey, first.ToString(), StringComparison.Ordinal);
        SshKeys.RemoveHostKey(State);
        Assert.NotEqual(first, await Keys.EnsureHostKeyAsync(State));
    }

    [Fact]
    public async Task A_failing_ssh_keygen_is_told_and_leaves_nothing()
    {
        _keygen.ExitCode = 1;
        var error = await Assert.ThrowsAsync<CharlyException>(() => Keys.ResolveAsync("generate", State));
        Assert.Equal(Errors.SshKeygen, error.Code);
        Assert.DoesNotContain(Directory.GetFiles(State), f => !f.Contains(".lock", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("127.0.0.1", 2222, "charly-web,[charly-web]:2222,[127.0.0.1]:2222 ssh-ed25519 AAAA\n")]
    [InlineData("192.0.2.7", 22, "charly-web,192.0.2.7 ssh-ed25519 AAAA\n")]
    [InlineData(null, 22, "charly-web ssh-ed25519 AAAA\n")]
    public void Known_hosts_name_alias_and_address_without_the_comment(string? host, int port, string expected) =>
        Assert.Equal(expected, KnownHosts.Line("charly-web", host, port, "ssh-ed25519 AAAA charly-guest"));

    private sealed class KeygenStandIn : IProcessRunner
    {
        private int _runs;

        public int Runs => _runs;

        public int ExitCode { get; set; }

        public string? Find(string program) => program == "ssh-keygen" ? "/usr/bin/ssh-keygen" : null;

        public Task<CommandResult> RunAsync(ProcessRequest request, CancellationToken cancellationToken = default)
        {
            var run = Interlocked.Increment(ref _runs);
            if (ExitCode != 0) return Task.FromResult(new CommandResult("", "no", ExitCode, TimeSpan.Zero));
            if (request.Arguments.Contains("-y")) return Task.FromResult(new CommandResult(Line + "\n", "", 0, TimeSpan.Zero));
            File.WriteAllText(request.Arguments[^1], $"private {run}");
            File.WriteAllText(request.Arguments[^1] + ".pub", $"ssh-ed25519 AAAA{run} charly\n");
            return Task.FromResult(new CommandResult("", "", 0, TimeSpan.Zero));
        }
    }
}
