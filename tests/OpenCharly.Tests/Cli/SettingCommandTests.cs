using OpenCharly.Foundation;

namespace OpenCharly.Tests.Cli;

public sealed class SettingCommandTests : IDisposable
{
    private readonly CommandRun _run = new();

    private string File => Path.Combine(_run.Home, ".config/charly/config.yml");

    public void Dispose() => _run.Dispose();

    [Fact]
    public async Task A_variable_comes_before_the_file_and_the_file_before_the_default()
    {
        Assert.Equal(0, await _run.RunAsync("settings", "get", "engine.run", "--json"));
        Assert.Equal(0, await _run.RunAsync("settings", "set", "engine.run", "podman"));
        Assert.Equal(0, await _run.RunAsync("settings", "get", "engine.run", "--json"));
        _run.Variables["CHARLY_ENGINE_RUN"] = "docker";
        Assert.Equal(0, await _run.RunAsync("settings", "get", "engine.run", "--json"));
        Assert.Equal(["auto", "podman", "docker"], Values("value"));
        Assert.Equal(["default", "file", "env"], Values("source"));
    }

    [Fact]
    public async Task An_edit_keeps_comments_and_makes_the_file_private()
    {
        Write("# Mine.\nengine:\n  run: docker # for now\n\n# Last.\nauto_enable: false\n");
        Assert.Equal(0, await _run.RunAsync("settings", "set", "engine.run", "podman"));
        Assert.Equal(0, await _run.RunAsync("settings", "set", "hosts.lab", "ada@lab.example.org"));
        Assert.Equal("# Mine.\nengine:\n  run: podman # for now\n\n# Last.\nauto_enable: false\nhosts:\n  lab: ada@lab.example.org\n", System.IO.File.ReadAllText(File));
        Assert.Equal(AtomicFile.Private, System.IO.File.GetUnixFileMode(File));
    }

    [Theory]
    [InlineData("enigne.run", "podman", "setting.unknown")]
    [InlineData("hosts.-x", "a", "setting.unknown")]
    [InlineData("engine.run", "rkt", "setting.invalid")]
    [InlineData("bind_address", "10.0.0.1", "setting.invalid")]
    [InlineData("vm.ram", "much", "setting.invalid")]
    [InlineData("vm.cpus", "0", "setting.invalid")]
    [InlineData("keep_images", "few", "setting.invalid")]
    [InlineData("auto_enable", "perhaps", "setting.invalid")]
    [InlineData("hosts.lab", "a b", "setting.invalid")]
    public async Task What_can_not_be_is_refused_and_the_file_stays_as_it_is(string key, string value, string code)
    {
        Assert.Equal(2, await _run.RunAsync("settings", "set", key, value));
        Assert.StartsWith($"error {code}: ", _run.Error, StringComparison.Ordinal);
        Assert.False(System.IO.File.Exists(File));
        Assert.Equal(2, await _run.RunAsync("settings", "set", key, value, "--dry-run"));
    }

    [Theory]
    [InlineData("CHARLY_VM_RAM", "2", "much")]
    [InlineData("CHARLY_BIND_ADDRESS", "2", "10.0.0.1")]
    public async Task A_variable_with_a_value_that_can_not_be_is_named(string variable, string exit, string value)
    {
        _run.Variables[variable] = value;
        Assert.Equal(int.Parse(exit, System.Globalization.CultureInfo.InvariantCulture), await _run.RunAsync("settings", "list"));
        Assert.Contains($"as {variable} says", _run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("auto_enable", "no", "auto_enable: false\n")]
    [InlineData("vm.ram", "4096M", "vm:\n  ram: 4G\n")]
    [InlineData("vm.cpus", "8", "vm:\n  cpus: 8\n")]
    public async Task A_value_is_written_in_its_normal_form(string key, string value, string text)
    {
        Assert.Equal(0, await _run.RunAsync("settings", "set", key, value));
        Assert.Equal(text, System.IO.File.ReadAllText(File));
    }

    [Fact]
    public async Task A_reset_takes_settings_out_and_leaves_secrets()
    {
        Write("engine:\n  run: docker\nvm.ram: 8G\nhosts: {lab: lab.example.org}\nsecret:\n  charly/x:\n    y: z\n");
        Assert.Equal(0, await _run.RunAsync("settings", "reset", "engine.run", "--dry-run"));
        Assert.Contains("run: docker", System.IO.File.ReadAllText(File), StringComparison.Ordinal);
        Assert.Equal(0, await _run.RunAsync("settings", "reset", "engine.run"));
        Assert.StartsWith("vm.ram: 8G\n", System.IO.File.ReadAllText(File), StringComparison.Ordinal);
        Assert.Equal(0, await _run.RunAsync("settings", "reset"));
        Assert.Equal("secret:\n  charly/x:\n    y: z\n", System.IO.File.ReadAllText(File));
        Assert.Equal("engine.run\nengine.run\nvm.ram\nhosts.lab\n", _run.Output);
    }

    [Fact]
    public async Task A_password_is_kept_as_a_secret_and_is_on_no_list()
    {
        Assert.Equal(0, await _run.RunAsync("settings", "set", "vnc.password.desk", "canary-1"));
        Assert.Equal(0, await _run.RunAsync("settings", "list"));
        Assert.Equal(0, await _run.RunAsync("secrets", "list"));
        Assert.DoesNotContain("canary-1", _run.Output + _run.Error, StringComparison.Ordinal);
        Assert.Contains("charly/vnc  desk  config", _run.Output, StringComparison.Ordinal);
        using var other = new CommandRun();
        other.Variables["XDG_CONFIG_HOME"] = Path.Combine(_run.Home, ".config");
        Assert.Equal(0, await other.RunAsync("settings", "get", "vnc.password.desk"));
        Assert.Equal("canary-1\n", other.Output);
    }

    [Fact]
    public async Task The_path_is_printed_of_a_file_that_is_not_there_too()
    {
        Assert.Equal(0, await _run.RunAsync("settings", "path"));
        Assert.Equal(File + "\n", _run.Output);
    }

    private string[] Values(string name) =>
        [.. _run.Output.Split('\n').Where(l => l.Contains($"\"{name}\":", StringComparison.Ordinal)).Select(l => l.Split('"')[3])];

    private void Write(string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(File)!);
        System.IO.File.WriteAllText(File, text);
    }
}
