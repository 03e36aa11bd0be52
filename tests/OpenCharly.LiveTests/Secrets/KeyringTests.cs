using System.Diagnostics;
using OpenCharly.Execution;
using OpenCharly.Foundation;
using OpenCharly.LiveTests.Support;
using OpenCharly.Model;

namespace OpenCharly.LiveTests.Secrets;

/// <summary>Credentials in a real Secret Service: gnome-keyring on a session bus of its own, with a home of its own.</summary>
public sealed class KeyringTests : IAsyncLifetime
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private readonly string _folder = Leftovers.NewFolder();
    private readonly List<Process> _daemons = [];
    private CharlyEnvironment _environment = CharlyEnvironment.FromProcess();

    private CredentialStore Store => new(_environment, new HostPaths(_environment), new ProcessRunner(_environment));

    public async Task InitializeAsync()
    {
        if (Need.Missing("dbus-daemon", "gnome-keyring-daemon", "secret-tool") is not null) return;
        foreach (var name in (string[])["home", "run", "data"]) Directory.CreateDirectory(Path.Combine(_folder, name), (UnixFileMode)0b111_000_000);
        var address = "unix:path=" + Path.Combine(_folder, "bus");
        var variables = new Dictionary<string, string>(_environment.Variables)
        {
            ["HOME"] = Path.Combine(_folder, "home"), ["XDG_RUNTIME_DIR"] = Path.Combine(_folder, "run"), ["XDG_DATA_HOME"] = Path.Combine(_folder, "data"),
            ["XDG_CONFIG_HOME"] = Path.Combine(_folder, "config"), ["DBUS_SESSION_BUS_ADDRESS"] = address, ["CHARLY_SECRET_BACKEND"] = "keyring",
        };
        _environment = _environment with { Home = Path.Combine(_folder, "home"), WorkingDirectory = _folder, Variables = variables };
        Start("dbus-daemon", ["--session", "--nofork", "--nopidfile", "--address=" + address], null);
        await UntilAsync("the bus has its socket", () => Task.FromResult(File.Exists(Path.Combine(_folder, "bus"))));
        Start("gnome-keyring-daemon", ["--foreground", "--components=secrets", "--unlock", "--control-directory=" + Path.Combine(_folder, "run")], "the password of the keyring");
        await UntilAsync("the keyring answers", async () => (await Store.ResolveAsync(new CredentialAddress("charly/secret", "probe"), null)).Source == CredentialSource.Default);
    }

    public Task DisposeAsync()
    {
        foreach (var daemon in _daemons.AsEnumerable().Reverse())
        {
            if (!daemon.HasExited) daemon.Kill(entireProcessTree: true);
            daemon.Dispose();
        }

        Directory.Delete(_folder, recursive: true);
        return Task.CompletedTask;
    }

    [LiveFact("dbus-daemon", "gnome-keyring-daemon", "secret-tool")]
    public async Task What_is_kept_comes_back_from_the_keyring_and_stands_in_no_file_of_ours()
    {
        var address = new CredentialAddress("charly/secret", "token");
        const string Value = "canary-7c1f\nsecond line $HOME \"quoted\"";
        Assert.Equal(CredentialSource.Keyring, await Store.SetAsync(address, Value));
        Assert.Equal(new Credential(Value, CredentialSource.Keyring), await Store.FindAsync(address, null));
        foreach (var file in Directory.EnumerateFiles(_folder, "*", SearchOption.AllDirectories)) Assert.DoesNotContain("canary-7c1f", await File.ReadAllTextAsync(file), StringComparison.Ordinal);

        Assert.Equal(CredentialSource.Keyring, await Store.SetAsync(address, "newer"));
        Assert.Equal("newer", (await Store.FindAsync(address, null))!.Value);
        await Store.RemoveAsync(address);
        Assert.Null(await Store.FindAsync(address, null));
    }

    [LiveFact("dbus-daemon", "gnome-keyring-daemon", "secret-tool")]
    public async Task A_keyring_that_went_away_is_an_error_and_never_falls_back_to_a_file()
    {
        var address = new CredentialAddress("charly/secret", "token");
        await Store.SetAsync(address, "value");
        foreach (var daemon in _daemons) daemon.Kill(entireProcessTree: true);
        var error = await Assert.ThrowsAsync<CharlyException>(() => Store.FindAsync(address, null));
        Assert.Equal(Errors.SecretStore, error.Code);
        Assert.Equal(Errors.SecretStore, (await Assert.ThrowsAsync<CharlyException>(() => Store.SetAsync(address, "other"))).Code);
    }

    private void Start(string program, IReadOnlyList<string> arguments, string? input)
    {
        var start = new ProcessStartInfo(Need.Program(program), arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = _folder };
        start.Environment.Clear();
        foreach (var (name, value) in _environment.Variables) start.Environment[name] = value;
        var daemon = Process.Start(start)!;
        _daemons.Add(daemon);
        daemon.OutputDataReceived += (_, _) => { };
        daemon.ErrorDataReceived += (_, _) => { };
        daemon.BeginOutputReadLine();
        daemon.BeginErrorReadLine();
        if (input is not null) daemon.StandardInput.Write(input);
        daemon.StandardInput.Close();
    }

    private static async Task UntilAsync(string what, Func<Task<bool>> isSo)
    {
        var begin = Stopwatch.GetTimestamp();
        while (!await isSo())
        {
            Assert.True(Stopwatch.GetElapsedTime(begin) < Limit, $"{what}: not within {Limit.TotalSeconds:0} s");
            await Task.Delay(200);
        }
    }
}
