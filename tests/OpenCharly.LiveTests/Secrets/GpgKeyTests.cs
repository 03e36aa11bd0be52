using OpenCharly.Execution;
using OpenCharly.Foundation;
using OpenCharly.LiveTests.Support;
using OpenCharly.Model;
using OpenCharly.Operations;

namespace OpenCharly.LiveTests.Secrets;

/// <summary>Keys of the real <c>gpg</c> in folders of their own, from none at all to a file that two people and a second machine read (deploy.md §13.2).</summary>
public sealed class GpgKeyTests : IAsyncLifetime
{
    private const string Canary = "canary-5a1c0de7";

    // Short: the agent's socket is in it.
    private readonly string _folder = Directory.CreateDirectory($"/tmp/ck-{Guid.NewGuid().ToString("N")[..8]}", AtomicFile.PrivateFolder).FullName;

    private string Project => Directory.CreateDirectory(Path.Combine(_folder, "project")).FullName;

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        foreach (var home in Directory.GetDirectories(_folder).Where(d => Path.GetFileName(d) != "project" && Need.Missing("gpgconf") is null)) await Context(Path.GetFileName(home)).Processes.RunAsync(new ProcessRequest("gpgconf", "--kill", "all"));
        Directory.Delete(_folder, recursive: true);
    }

    [LiveFact("gpg")]
    public async Task Somebody_without_a_key_is_led_to_one_and_keeps_it()
    {
        var ada = Context("ada");
        Assert.Equal((HostItemStatus.Missing, true), Own(await new CheckGpg(ada).RunAsync()));
        Assert.True((await new GpgKeys(ada).SetUpAsync("Ada <ada@example.org>", dryRun: true)).IsNew);
        Assert.False(Directory.Exists(Path.Combine(_folder, "ada")), "looking made the folder");

        var made = await new GpgKeys(ada).SetUpAsync("Ada <ada@example.org>", unprotected: true);
        Assert.True(made.IsNew);
        Assert.Equal("Ada <ada@example.org>", made.Key.UserId);
        Assert.Equal(AtomicFile.PrivateFolder, File.GetUnixFileMode(Path.Combine(_folder, "ada")));
        var again = await new GpgKeys(ada).SetUpAsync("Somebody Else <else@example.org>");
        Assert.Equal((false, made.Key.Fingerprint), (again.IsNew, again.Key.Fingerprint));

        await new SecretFile(ada).SetAsync("TOKEN", Canary);
        var items = await new CheckGpg(ada).RunAsync();
        Assert.All(items.Where(i => i.IsRequired), i => Assert.Equal(HostItemStatus.Ok, i.Status));
        Assert.Contains("yours among them", items.Single(i => i.Name == "file").Detail, StringComparison.Ordinal);
        File.SetUnixFileMode(Path.Combine(_folder, "ada"), AtomicFile.PrivateFolder | UnixFileMode.OtherRead);
        Assert.Contains("chmod 700", (await new CheckGpg(ada).RunAsync()).Single(i => i.Name == "folder").Hint, StringComparison.Ordinal);
    }

    [LiveFact("gpg")]
    public async Task Keys_go_from_one_to_another_and_to_a_second_machine()
    {
        var ada = Context("ada");
        var bob = Context("bob");
        var mine = (await new GpgKeys(ada).SetUpAsync("Ada <ada@example.org>", unprotected: true)).Key.Fingerprint;
        var his = (await new GpgKeys(bob).SetUpAsync("Bob <bob@example.org>", unprotected: true)).Key.Fingerprint;
        await new SecretFile(ada).SetAsync("TOKEN", Canary);

        var outside = (await new CheckGpg(bob).RunAsync()).Single(i => i.Name == "file");
        Assert.Equal(HostItemStatus.Missing, outside.Status);
        Assert.Contains("none is yours", outside.Detail, StringComparison.Ordinal);

        // His public part comes as text, and is looked at before it is taken.
        var text = await new GpgKeys(bob).ExportAsync();
        Assert.StartsWith("-----BEGIN PGP PUBLIC KEY BLOCK-----", text, StringComparison.Ordinal);
        Assert.Equal([his], (await new GpgKeys(ada).ImportAsync(null, text, dryRun: true)).Select(k => k.Fingerprint));
        Assert.Equal(Errors.SecretFile, (await Assert.ThrowsAsync<CharlyException>(() => new GpgKeys(ada).ExportAsync("bob@example.org"))).Code);
        Assert.Equal([his], (await new GpgKeys(ada).ImportAsync(null, text)).Select(k => k.Fingerprint));
        await new SecretFile(ada).ChangeRecipientsAsync([his], []);
        Assert.Equal(Canary, await new SecretFile(bob).ValueAsync("TOKEN"));
        Assert.Contains((await new CheckGpg(bob).RunAsync()).Where(i => i.Name == "recipient"), i => i.Status == HostItemStatus.Warning && i.Hint!.Contains("remove-recipient", StringComparison.Ordinal));

        // Her secret part reaches her other machine in a file that nobody else can read.
        var file = Path.Combine(_folder, "project", "me.asc");
        await new GpgKeys(ada).ExportAsync(mine, secret: true, file);
        Assert.Equal(AtomicFile.Private, File.GetUnixFileMode(file));
        var laptop = Context("laptop");
        Directory.CreateDirectory(Path.Combine(_folder, "laptop"), AtomicFile.PrivateFolder);
        Assert.Equal([mine], (await new GpgKeys(laptop).ImportAsync("me.asc")).Select(k => k.Fingerprint));
        Assert.Equal(Canary, await new SecretFile(laptop).ValueAsync("TOKEN"));
    }

    [LiveFact("gpg")]
    public async Task What_is_no_key_is_refused_and_changes_nothing()
    {
        var ada = Context("ada");
        await new GpgKeys(ada).SetUpAsync("Ada <ada@example.org>", unprotected: true);
        await File.WriteAllTextAsync(Path.Combine(Project, "notes.txt"), "no key at all\n");
        var before = await KeysAsync(ada);
        Assert.Equal(Errors.SecretFile, (await Assert.ThrowsAsync<CharlyException>(() => new GpgKeys(ada).ImportAsync("notes.txt"))).Code);
        Assert.Equal(Errors.SecretFile, (await Assert.ThrowsAsync<CharlyException>(() => new GpgKeys(ada).ImportAsync(null, ""))).Code);
        Assert.Equal(Errors.FileMissing, (await Assert.ThrowsAsync<CharlyException>(() => new GpgKeys(ada).ImportAsync("nowhere.asc"))).Code);
        var unknown = await Assert.ThrowsAsync<CharlyException>(() => new GpgKeys(ada).ExportAsync("nobody@example.org"));
        Assert.Contains("Your own: ", unknown.Help, StringComparison.Ordinal);
        Assert.Equal(Errors.Usage, (await Assert.ThrowsAsync<CharlyException>(() => new GpgKeys(Context("eve")).SetUpAsync("Eve\nMallory"))).Code);
        Assert.False(Directory.Exists(Path.Combine(_folder, "eve")));
        Assert.Equal(before, await KeysAsync(ada));
    }

    private static (HostItemStatus Status, bool IsRequired) Own(IReadOnlyList<HostItem> items) => items.Single(i => i.Name == "own key") is var own ? (own.Status, own.IsRequired) : default;

    private static async Task<string> KeysAsync(CharlyContext context) => (await context.Processes.RunAsync(new ProcessRequest("gpg", "--batch", "--with-colons", "--list-keys"))).StandardOutput;

    private CharlyContext Context(string name)
    {
        var real = CharlyEnvironment.FromProcess();
        var home = Path.Combine(_folder, name);
        var variables = new Dictionary<string, string>(real.Variables) { ["HOME"] = home, ["GNUPGHOME"] = home, ["XDG_CONFIG_HOME"] = Path.Combine(Project, ".config-" + name) };
        variables.Remove("XDG_RUNTIME_DIR");
        return new CharlyContext(real with { Home = home, WorkingDirectory = Project, Variables = variables });
    }
}
