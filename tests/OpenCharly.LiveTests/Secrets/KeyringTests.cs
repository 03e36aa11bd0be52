using System.Diagnostics;
using OpenCharly.Execution;
using OpenCharly.Foundation;
using OpenCharly.LiveTests.Support;
using OpenCharly.Model;
using OpenCharly.Operations;

namespace OpenCharly.LiveTests.Secrets;

/// <summary>Secrets in a real Secret Service: GNOME's keyring on a session bus of its own (deploy.md §13.2).</summary>
#pragma warning disable CA1001 // xunit disposes of it by IAsyncLifetime
public sealed class KeyringTests : IAsyncLifetime
#pragma warning restore CA1001
{
    private const string Collection = "/org/freedesktop/secrets/collection/login";
    private const string Password = "opens the keyring";
    private const string Canary = "canary-1679091c";

    // What the daemon does without a desktop: the password comes on its standard input, and "login" is the default collection.
    private const string Session = """
        echo "$DBUS_SESSION_BUS_ADDRESS"
        exec gnome-keyring-daemon --foreground --unlock --components=secrets --control-directory="$XDG_RUNTIME_DIR/keyring" 2>/dev/null
        """;

    private static readonly string[] Needs = ["dbus-run-session", "dbus-send", "gnome-keyring-daemon", "secret-tool"];

    // Short: sockets are in it.
    private readonly string _folder = Directory.CreateDirectory($"/tmp/ck-{Guid.NewGuid().ToString("N")[..8]}", AtomicFile.PrivateFolder).FullName;
    private readonly Dictionary<string, string> _variables = new(CharlyEnvironment.FromProcess().Variables);
    private Process? _session;

    private CharlyContext Context => new(CharlyEnvironment.FromProcess() with { Home = _folder, WorkingDirectory = _folder, Variables = new Dictionary<string, string>(_variables) });

    private string SettingsFile => Path.Combine(_folder, "config/charly/config.yml");

    public async Task InitializeAsync()
    {
        foreach (var (name, path) in (IEnumerable<(string, string)>)[("HOME", _folder), ("XDG_CONFIG_HOME", At("config")), ("XDG_DATA_HOME", At("data")), ("XDG_CACHE_HOME", At("cache")), ("XDG_RUNTIME_DIR", At("run"))])
        {
            _variables[name] = path;
            Directory.CreateDirectory(path, AtomicFile.PrivateFolder);
        }

        foreach (var name in (string[])["DBUS_SESSION_BUS_ADDRESS", "DISPLAY", "WAYLAND_DISPLAY", "CHARLY_SECRET_BACKEND"]) _variables.Remove(name);
        if (Need.Missing(Needs) is not null) return;
        await StartAsync();
    }

    public async Task DisposeAsync()
    {
        await StopAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [LiveFact("dbus-run-session", "dbus-send", "gnome-keyring-daemon", "secret-tool")]
    public async Task Secrets_go_into_the_keyring_and_come_back_as_they_were_and_are_plain_in_no_file()
    {
        const string Odd = Canary + "\n  second line, \"quoted\", $(code), 秘密 ";
        Assert.Equal(CredentialSource.Keyring, (await new SetSecret(Context).RunAsync("charly/secret", "TOKEN", Odd)).Source);
        var found = await new GetSecrets(Context).ReadAsync("charly/secret", "TOKEN");
        Assert.Equal((Odd, CredentialSource.Keyring), (found.Value, found.Source));
        await new SetSecret(Context).RunAsync("charly/secret", "TOKEN", Canary);
        Assert.Equal(Canary, (await new GetSecrets(Context).ReadAsync("charly/secret", "TOKEN")).Value);
        _variables["CHARLY_KEYRING_COLLECTION_LABEL"] = "login";
        await new SetSecret(Context).RunAsync("charly/enc", "desk/lab", "other");
        Assert.Equal("other", (await new GetSecrets(Context).ReadAsync("charly/enc", "desk/lab")).Value);

        foreach (var file in Directory.EnumerateFiles(_folder, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.Device }).Where(f => !f.StartsWith(At("run"), StringComparison.Ordinal)))
        {
            Assert.DoesNotContain(Canary, await File.ReadAllTextAsync(file), StringComparison.Ordinal);
        }

        await new SetSecret(Context).RemoveAsync("charly/secret", "TOKEN");
        Assert.Equal(Errors.SecretMissing, (await Assert.ThrowsAsync<CharlyException>(() => new GetSecrets(Context).ReadAsync("charly/secret", "TOKEN"))).Code);
        Assert.Equal(["charly/enc/desk/lab"], new GetSecrets(Context).List().Select(n => n.Name));
    }

    [LiveFact("dbus-run-session", "dbus-send", "gnome-keyring-daemon", "secret-tool")]
    public async Task A_secret_in_a_keyring_that_is_locked_is_named_and_not_given_out_until_it_is_unlocked()
    {
        await new SetSecret(Context).RunAsync("charly/secret", "TOKEN", Canary);
        await MustAsync("dbus-send", "--session", "--print-reply", "--dest=org.freedesktop.secrets", "/org/freedesktop/secrets", "org.freedesktop.Secret.Service.Lock", "array:objpath:" + Collection);
        await LockedAsync(isLocked: true);
        foreach (var attempt in (Func<Task>[])[() => new GetSecrets(Context).ReadAsync("charly/secret", "TOKEN"), () => new SetSecret(Context).RemoveAsync("charly/secret", "TOKEN")])
        {
            var error = await Assert.ThrowsAsync<CharlyException>(attempt);
            Assert.Equal(Errors.SecretStore, error.Code);
            Assert.Contains("the keyring is locked", error.Message, StringComparison.Ordinal);
        }

        Assert.Equal(["charly/secret/TOKEN"], new GetSecrets(Context).List().Select(n => n.Name));

        // As after the next log-in.
        await StopAsync();
        await StartAsync();
        Assert.Equal(Canary, (await new GetSecrets(Context).ReadAsync("charly/secret", "TOKEN")).Value);
    }

    [LiveFact("dbus-run-session", "dbus-send", "gnome-keyring-daemon", "secret-tool")]
    public async Task Plain_text_of_the_settings_file_moves_into_the_keyring()
    {
        _variables["CHARLY_SECRET_BACKEND"] = "config";
        await new SetSecret(Context).RunAsync("charly/secret", "TOKEN", Canary);
        Assert.Contains(Canary, await File.ReadAllTextAsync(SettingsFile), StringComparison.Ordinal);
        _variables["CHARLY_SECRET_BACKEND"] = "keyring";
        Assert.Equal(CredentialSource.Keyring, Assert.Single(await new SetSecret(Context).MigrateAsync()).Source);
        Assert.DoesNotContain(Canary, await File.ReadAllTextAsync(SettingsFile), StringComparison.Ordinal);
        Assert.Equal(Canary, (await new GetSecrets(Context).ReadAsync("charly/secret", "TOKEN")).Value);
    }

    private async Task StartAsync()
    {
        var start = new ProcessStartInfo("dbus-run-session", ["--", "bash", "-c", Session]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment.Clear();
        foreach (var (name, value) in _variables) start.Environment[name] = value;
        _session = Process.Start(start)!;
        await _session.StandardInput.WriteAsync(Password);
        _session.StandardInput.Close();
        _variables["DBUS_SESSION_BUS_ADDRESS"] = await _session.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException(await _session.StandardError.ReadToEndAsync());
        await LockedAsync(isLocked: false);
    }

    private async Task StopAsync()
    {
        if (_session is null) return;
        _session.Kill(entireProcessTree: true);
        await _session.WaitForExitAsync();
        _session.Dispose();
        _session = null;
    }

    private string At(string name) => Path.Combine(_folder, name);

    // Whoever asks the name before the daemon has it has the bus start another one, without our collection. It opens the collection only after that.
    private async Task LockedAsync(bool isLocked)
    {
        await WaitAsync(
            "on the bus", "boolean true", "--dest=org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus.NameHasOwner", "string:org.freedesktop.secrets");
        await WaitAsync(
            isLocked ? "locked" : "open", isLocked ? "boolean true" : "boolean false",
            "--dest=org.freedesktop.secrets", Collection, "org.freedesktop.DBus.Properties.Get", "string:org.freedesktop.Secret.Collection", "string:Locked");
    }

    private async Task WaitAsync(string what, string answer, params string[] question)
    {
        var deadline = DateTime.UtcNow.AddSeconds(60);
        while (true)
        {
            var asked = await Context.Processes.RunAsync(new ProcessRequest("dbus-send", ["--session", "--print-reply", "--reply-timeout=5000", .. question]));
            if (asked.Succeeded && asked.StandardOutput.Contains(answer, StringComparison.Ordinal)) return;
            Assert.True(DateTime.UtcNow < deadline, $"the keyring is not {what} after 60 s: {asked.StandardOutput}{asked.Tail()}");
            await Task.Delay(50);
        }
    }

    private async Task MustAsync(string program, params string[] arguments)
    {
        var result = await Context.Processes.RunAsync(new ProcessRequest(program, arguments));
        Assert.True(result.Succeeded, result.Tail());
    }
}
