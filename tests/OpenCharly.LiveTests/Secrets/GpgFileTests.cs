using OpenCharly.Execution;
using OpenCharly.Foundation;
using OpenCharly.LiveTests.Support;
using OpenCharly.Operations;

namespace OpenCharly.LiveTests.Secrets;

/// <summary>Files of variables that the real <c>gpg</c> encrypts, with keys of their own (deploy.md §13.2).</summary>
public sealed class GpgFileTests : IAsyncLifetime
{
    private const string Canary = "canary-2c624232";

    // Short: the agent's socket is in it.
    private readonly string _folder = Directory.CreateDirectory($"/tmp/cg-{Guid.NewGuid().ToString("N")[..8]}", AtomicFile.PrivateFolder).FullName;

    private string Sealed => Path.Combine(_folder, "project", ".secrets");

    private SecretFile Ada => new(Context("ada"));

    private SecretFile Bob => new(Context("bob"));

    public async Task InitializeAsync()
    {
        if (Need.Missing("gpg") is not null) return;
        Directory.CreateDirectory(Path.Combine(_folder, "project"));
        foreach (var name in (string[])["ada", "bob"])
        {
            Directory.CreateDirectory(Path.Combine(_folder, name), AtomicFile.PrivateFolder);
            await GpgAsync(name, "--batch", "--quiet", "--passphrase", "", "--quick-gen-key", $"{name} <{name}@example.org>", "future-default", "default", "never");
        }

        // Each has the other's public key, and has vouched for nothing.
        await GpgAsync("bob", "--batch", "--output", Path.Combine(_folder, "bob.key"), "--export", "bob@example.org");
        await GpgAsync("ada", "--batch", "--quiet", "--import", Path.Combine(_folder, "bob.key"));
    }

    public async Task DisposeAsync()
    {
        foreach (var name in (string[])["ada", "bob"])
        {
            if (Directory.Exists(Path.Combine(_folder, name)) && Need.Missing("gpgconf") is null) await Context(name).Processes.RunAsync(new ProcessRequest("gpgconf", "--kill", "all"));
        }

        Directory.Delete(_folder, recursive: true);
    }

    [LiveFact("gpg")]
    public async Task Variables_are_kept_for_ones_own_key_and_keep_comments_and_odd_characters()
    {
        const string Odd = " blank, 'quoted', $(code), naïve, 秘密 ";
        await Ada.SetAsync("TOKEN", Canary);
        Assert.StartsWith("-----BEGIN PGP MESSAGE-----", await File.ReadAllTextAsync(Sealed), StringComparison.Ordinal);
        await Ada.SetAsync("ODD", Odd);
        await Ada.EditAsync(async (path, token) =>
        {
            Assert.Equal(AtomicFile.Private, File.GetUnixFileMode(path));
            await File.WriteAllTextAsync(path, "# of the shop\n" + await File.ReadAllTextAsync(path, token), token);
        });
        Assert.Equal($"# of the shop\nTOKEN={Canary}\nODD={Odd}\n", await Ada.ShowAsync());
        Assert.Equal(["TOKEN", "ODD"], (await Ada.ListAsync()).Select(v => v.Name));
        var shell = await Context("ada").Processes.RunAsync(new ProcessRequest("bash", "-c", "eval \"$(cat)\"; printf %s \"$ODD\"") { Input = await Ada.ExportsAsync() });
        Assert.Equal(Odd, shell.StandardOutput);
        await Ada.RemoveAsync(["TOKEN"]);
        Assert.Equal(Errors.SecretMissing, (await Assert.ThrowsAsync<CharlyException>(() => Ada.ValueAsync("TOKEN"))).Code);
        Assert.Equal(Odd, await Ada.ValueAsync("ODD"));
    }

    [LiveFact("gpg")]
    public async Task Recipients_come_and_go_and_every_change_keeps_them()
    {
        await Ada.SetAsync("TOKEN", Canary);
        Assert.Equal(Errors.SecretFile, (await Assert.ThrowsAsync<CharlyException>(() => Bob.ShowAsync())).Code);

        // Nobody has vouched for Bob's key; whoever names its whole fingerprint has looked.
        var error = await Assert.ThrowsAsync<CharlyException>(() => Ada.ChangeRecipientsAsync(["bob@example.org"], []));
        Assert.Contains("nobody has vouched", error.Message, StringComparison.Ordinal);
        var fingerprint = error.Help!.Split(' ')[^1];
        Assert.Equal(["ada <ada@example.org>", "bob <bob@example.org>"], (await Ada.ChangeRecipientsAsync([fingerprint], [])).Select(k => k.UserId).Order());
        Assert.Equal(Canary, await Bob.ValueAsync("TOKEN"));
        await Ada.SetAsync("OTHER", "second");
        Assert.Equal("second", await Bob.ValueAsync("OTHER"));

        // Bob knows nobody by Ada's key, so that he would lock her out.
        var sealedBefore = await File.ReadAllBytesAsync(Sealed);
        error = await Assert.ThrowsAsync<CharlyException>(() => Bob.SetAsync("MINE", "x"));
        Assert.Contains("can't be used", error.Message, StringComparison.Ordinal);
        Assert.Equal(sealedBefore, await File.ReadAllBytesAsync(Sealed));

        await Ada.ChangeRecipientsAsync([], ["bob@example.org"]);
        await Assert.ThrowsAsync<CharlyException>(() => Bob.ShowAsync());
        error = await Assert.ThrowsAsync<CharlyException>(() => Ada.ChangeRecipientsAsync([], ["ada@example.org"]));
        Assert.Contains("nobody could read", error.Message, StringComparison.Ordinal);
    }

    [LiveFact("gpg")]
    public async Task A_plain_file_is_encrypted_once_and_replaced_only_by_force()
    {
        await Ada.EncryptAsync("A=1\n", "plain.env", []);
        Assert.Equal(Errors.FileExists, (await Assert.ThrowsAsync<CharlyException>(() => Ada.EncryptAsync("A=2\n", "plain.env", []))).Code);
        await Ada.EncryptAsync("A=2\n", "plain.env", [], force: true);
        Assert.Equal("2", await Ada.ValueAsync("A"));
        Assert.Equal(Errors.SecretFile, (await Assert.ThrowsAsync<CharlyException>(() => Ada.EncryptAsync("no variable\n", "plain.env", [], force: true))).Code);
        Assert.Equal("2", await Ada.ValueAsync("A"));
        Assert.Equal(Errors.SecretFile, (await Assert.ThrowsAsync<CharlyException>(() => new SecretFile(Context("ada"), "none").EncryptAsync("A=1\n", "x", ["nobody@example.org"]))).Code);
        Assert.Empty(Directory.GetFiles("/dev/shm", "charly-secrets-*"));
    }

    [LiveFact("gpg")]
    public async Task Neither_a_cut_edit_nor_one_that_another_overtook_changes_anything()
    {
        await Ada.SetAsync("TOKEN", Canary);
        var before = await File.ReadAllBytesAsync(Sealed);
        string? seen = null;
        await Assert.ThrowsAsync<OperationCanceledException>(() => Ada.EditAsync((path, _) =>
        {
            seen = path;
            throw new OperationCanceledException();
        }));
        Assert.False(Directory.Exists(Path.GetDirectoryName(seen)));
        Assert.Equal(before, await File.ReadAllBytesAsync(Sealed));
        var error = await Assert.ThrowsAsync<CharlyException>(() => Ada.EditAsync(async (path, token) =>
        {
            await Ada.SetAsync("TOKEN", "newer", cancellationToken: token);
            await File.AppendAllTextAsync(path, "MINE=1\n", token);
        }));
        Assert.Contains("somebody else", error.Message, StringComparison.Ordinal);
        Assert.Equal("TOKEN=newer\n", await Ada.ShowAsync());
        Assert.False(await Ada.EditAsync((_, _) => Task.CompletedTask));
    }

    private CharlyContext Context(string name)
    {
        var real = CharlyEnvironment.FromProcess();
        var home = Path.Combine(_folder, name);
        var variables = new Dictionary<string, string>(real.Variables) { ["HOME"] = home, ["GNUPGHOME"] = home, ["XDG_CONFIG_HOME"] = Path.Combine(home, ".config") };
        variables.Remove("XDG_RUNTIME_DIR");
        return new CharlyContext(real with { Home = home, WorkingDirectory = Path.Combine(_folder, "project"), Variables = variables });
    }

    private async Task GpgAsync(string name, params string[] arguments)
    {
        var result = await Context(name).Processes.RunAsync(new ProcessRequest("gpg", arguments));
        Assert.True(result.Succeeded, result.Tail());
    }
}
