using OpenCharly.Foundation;
using OpenCharly.Operations;
using OpenCharly.Tests.Operations;

namespace OpenCharly.Tests.Deployments;

/// <summary>Import, export and reset of the per-host file (deploy.md §1.4, §3.3).</summary>
public sealed class StateFileTests : IDisposable
{
    private readonly BundleLab _lab = new();

    private string HostFile => _lab.Context.Paths.HostFile;

    public void Dispose() => _lab.Dispose();

    [Fact]
    public async Task Import_lays_files_over_what_is_there_field_by_field_and_keeps_comments()
    {
        Host("version: 2026.163.0928\ndeploy:\n  notes:\n    box: notes   # mine\n    env: [A=1, B=2]\n    network: none\n");
        _lab.Write("one.yml", "deploy:\n  notes: {env: [C=3], network: ~}\n  laptop: {target: local, add_candy: [git]}\n");
        _lab.Write("two.yml", "deploy:\n  notes: {dns: notes.example.org}\n  laptop: {add_candy: [tmux]}\n");
        var imported = await ImportAsync("one.yml", "two.yml");
        Assert.Equal(["notes", "laptop"], imported);
        Assert.Equal(
            "version: 2026.163.0928\ndeploy:\n  notes:\n    box: notes   # mine\n    env:\n      - C=3\n    network: none\n    dns: notes.example.org\n  laptop:\n    target: local\n    add_candy:\n      - tmux\n",
            File.ReadAllText(HostFile));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(HostFile));
    }

    [Theory]
    [InlineData("charly.yml", "images:\n  notes: {bind_mounts: [{name: data, encrypted: true}]}\n")]
    [InlineData("deploy.yml", "deploy:\n  notes: {box: notes}\n")]
    public async Task An_old_form_of_the_file_is_refused_and_left_alone(string name, string text)
    {
        var file = Path.Combine(Path.GetDirectoryName(HostFile)!, name);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, text);
        _lab.Write("one.yml", "deploy:\n  laptop: {target: local, add_candy: [git]}\n");
        foreach (var verb in new Func<Task>[]
        {
            () => ImportAsync("one.yml"),
            () => new ResetDeployments(_lab.Context).RunAsync(null),
            () => new ExportDeployments(_lab.Context).RunAsync(new ExportDeploymentsRequest()),
            () => Task.Run(() => new OpenCharly.Model.HostFile(_lab.Context.Paths).CheckForm()),
        })
        {
            var error = await Assert.ThrowsAnyAsync<CharlyException>(verb);
            Assert.Equal((Errors.CfgLegacy, "Run: charly migrate"), (error.Code, error.Help));
        }

        Assert.Equal([file], Directory.GetFiles(Path.GetDirectoryName(file)!).Where(f => !f.Contains(".lock", StringComparison.Ordinal)));
        Assert.Equal(text, File.ReadAllText(file));
    }

    [Fact]
    public async Task Import_writes_proper_keys_in_place_of_old_spellings()
    {
        Host("deploy:\n  notes: {box: notes}\n  other:\n    box: other\n    volumes: [{name: data, type: bind}]\n");
        _lab.Write("new.yml", "deploy:\n  other: {ports: [\"80:80\"], volume: [{name: data, type: volume}]}\n");
        await ImportAsync("new.yml");
        var text = File.ReadAllText(HostFile);
        Assert.DoesNotContain("volumes:", text, StringComparison.Ordinal);
        Assert.DoesNotContain("ports:", text, StringComparison.Ordinal);
        Assert.Contains("type: volume", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Import_takes_one_key_and_says_when_no_file_has_it()
    {
        _lab.Write("a.yml", "deploy:\n  one: {target: local}\n  two: {target: local}\n");
        Assert.Equal(["two"], (await new ImportDeployments(_lab.Context).RunAsync(new ImportDeploymentsRequest { Files = ["a.yml"], Key = "two" })).Select(d => d.Key));
        Assert.DoesNotContain("one", File.ReadAllText(HostFile), StringComparison.Ordinal);
        var error = await Assert.ThrowsAsync<CharlyException>(() => new ImportDeployments(_lab.Context).RunAsync(new ImportDeploymentsRequest { Files = ["a.yml"], Key = "three" }));
        Assert.Equal(Errors.CfgEntry, error.Code);
    }

    [Fact]
    public async Task Import_adds_offers_by_name_and_source_and_keeps_those_that_are_there()
    {
        Host("provides:\n  env:\n    - {name: DB, value: here, source: db}\n");
        _lab.Write("a.yml", "provides:\n  env:\n    - {name: DB, value: elsewhere, source: db}\n    - {name: DB, value: other, source: db2}\n");
        await ImportAsync("a.yml");
        var text = File.ReadAllText(HostFile);
        Assert.Contains("value: here", text, StringComparison.Ordinal);
        Assert.DoesNotContain("elsewhere", text, StringComparison.Ordinal);
        Assert.Contains("source: db2", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Replacing_begins_with_nothing_but_keeps_what_is_known_of_machines()
    {
        Host("deploy:\n  vm:web:\n    target: vm\n    box: web\n    vm_state: {ssh_port: 2222}\n  old: {target: local}\n");
        _lab.Write("a.yml", "deploy:\n  new: {target: local}\n");
        await new ImportDeployments(_lab.Context).RunAsync(new ImportDeploymentsRequest { Files = ["a.yml"], Replace = true });
        var text = File.ReadAllText(HostFile);
        Assert.Contains("ssh_port: 2222", text, StringComparison.Ordinal);
        Assert.DoesNotContain("box: web", text, StringComparison.Ordinal);
        Assert.DoesNotContain("old", text, StringComparison.Ordinal);
        Assert.Contains("new:", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_replacement_that_would_leave_nothing_is_refused()
    {
        Host("deploy:\n  a: {target: local}\n  b: {target: local}\n");
        _lab.Write("empty.yml", "deploy: {}\n");
        await UnchangedAsync(Errors.StateEmptied, () => new ImportDeployments(_lab.Context).RunAsync(new ImportDeploymentsRequest { Files = ["empty.yml"], Replace = true }));
    }

    // Each of them would let a stranger's file reach what is not his: other files, a shell, the machines of this user.
    [Theory]
    [InlineData("../../etc/passwd: {target: local}", "name.invalid")]
    [InlineData("\"a\\nb\": {target: local}", "name.invalid")]
    [InlineData("\"$(id)\": {target: local}", "name.invalid")]
    [InlineData("a: {target: local, host: \"-oProxyCommand=id\"}", "CFG010")]
    [InlineData("a-eph-b: {target: local}", "CFG008")]
    [InlineData("a: {target: vm, vm: ../../x}", "name.invalid")]
    [InlineData("a: [1]", "yaml.type")]
    [InlineData("a: {target: teapot}", "deploy.target")]
    [InlineData("a: {box: x, image: y}", "yaml.duplicate_key")]
    [InlineData("a: {target: host}", "CFG003")]
    [InlineData("a: {bind_mounts: [{encrypted: true}], box: x}", "CFG003")]
    public async Task A_hostile_or_broken_entry_is_an_error_with_its_place_and_nothing_is_written(string entry, string code)
    {
        Host("deploy:\n  mine: {target: local}\n");
        _lab.Write("evil.yml", $"deploy:\n  good: {{target: local}}\n  {entry}\n");
        var error = await UnchangedAsync(null, () => new ImportDeployments(_lab.Context).RunAsync(new ImportDeploymentsRequest { Files = ["evil.yml"] }));
        Assert.Equal(code, error.Code.Id);
        Assert.Equal("evil.yml", error.Position!.File);
        Assert.Equal(3, error.Position.Line);
    }

    [Theory]
    [InlineData("images: {a: {}}\n", "CFG003")]
    [InlineData("deployments: {a: {}}\n", "CFG003")]
    [InlineData("kind: deployment\n", "CFG003")]
    [InlineData("version: 2001.001.0001\n", "CFG004")]
    [InlineData("- a\n- b\n", "CFG001")]
    [InlineData("a: &x [1, 2\n", "yaml.syntax")]
    public async Task A_file_of_another_shape_is_an_error_and_nothing_is_written(string text, string code)
    {
        Host("deploy:\n  mine: {target: local}\n");
        _lab.Write("evil.yml", text);
        Assert.Equal(code, (await UnchangedAsync(null, () => ImportAsync("evil.yml"))).Code.Id);
    }

    [Fact]
    public async Task What_another_machine_wrote_of_its_machines_is_never_imported()
    {
        var disk = _lab.At("home/precious");
        File.WriteAllText(disk, "x");
        _lab.Write("evil.yml", $"deploy:\n  vm:web: {{target: vm, vm: web, box: nginx, vm_state: {{disk_path: {disk}, seed_iso: {disk}}}, vm_source: {{kind: imported, path: {disk}}}}}\n");
        await ImportAsync("evil.yml");
        Assert.DoesNotContain("precious", File.ReadAllText(HostFile), StringComparison.Ordinal);
        Assert.Contains("nginx", File.ReadAllText(HostFile), StringComparison.Ordinal);
        Assert.Contains(_lab.Events.OfType<NoticeEvent>(), n => n.Level == NoticeLevel.Warning && n.Text.Contains("vm_state", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Import_writes_the_per_host_file_and_nothing_else()
    {
        _lab.Write("a.yml", "deploy:\n  new: {box: notes, volume: [{name: ../../x, type: bind, host: /etc}], env_file: ~/.bashrc, tunnel: cloudflare}\n");
        var before = Files();
        await ImportAsync("a.yml");
        Assert.Equal([HostFile], Files().Except(before).Where(f => !f.Contains(".lock", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_dry_run_checks_and_writes_nothing()
    {
        _lab.Write("a.yml", "deploy:\n  new: {target: local}\n");
        Assert.Single(await new ImportDeployments(_lab.Context).RunAsync(new ImportDeploymentsRequest { Files = ["a.yml"], DryRun = true }));
        Assert.False(File.Exists(HostFile));
    }

    [Fact]
    public async Task A_missing_file_is_an_error() =>
        Assert.Equal(Errors.FileMissing, (await Assert.ThrowsAsync<CharlyException>(() => ImportAsync("nope.yml"))).Code);

    [Fact]
    public async Task What_is_exported_can_be_imported_again_without_the_state_of_machines()
    {
        Host("version: 2026.163.0928\ndeploy:\n  notes:\n    box: notes\n    env:\n      - \"A=yes: no\"\n  vm:web: {target: vm, vm_state: {ssh_port: 2222}, add_candy: [git]}\nprovides:\n  env:\n    - {name: DB, value: x, source: db}\n");
        var export = await new ExportDeployments(_lab.Context).RunAsync(new ExportDeploymentsRequest { File = "out.yml" });
        Assert.DoesNotContain("vm_state", export.Text, StringComparison.Ordinal);
        Assert.Equal(export.Text, File.ReadAllText(export.File!));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(export.File!));
        File.Delete(HostFile);
        Assert.Equal(["notes", "vm:web"], await ImportAsync("out.yml"));
        Assert.Equal(export.Text, (await new ExportDeployments(_lab.Context).RunAsync(new ExportDeploymentsRequest())).Text);
    }

    [Fact]
    public async Task Export_filters_by_name_and_with_all_adds_the_boxes_of_the_project()
    {
        Host("deploy:\n  notes: {box: notes}\n  two: {target: local}\n");
        _lab.Write("charly.yml", "version: 2026.163.0928\nbox:\n  shop: {base: \"debian:12\", distro: [\"debian:12\"], build: [deb], candy: []}\n  off: {base: \"debian:12\", enabled: false, distro: [\"debian:12\"], build: [deb], candy: []}\n");
        Assert.Equal(["notes"], (await new ExportDeployments(_lab.Context).RunAsync(new ExportDeploymentsRequest { Names = ["n*"] })).Deployments.Select(d => d.Key));
        var all = await new ExportDeployments(_lab.Context).RunAsync(new ExportDeploymentsRequest { All = true });
        Assert.Equal(["shop", "notes", "two"], all.Deployments.Select(d => d.Key));
        Assert.Equal("shop", all.Deployments[0].Box);
        Assert.Equal(Errors.CfgEntry, (await Assert.ThrowsAsync<CharlyException>(() => new ExportDeployments(_lab.Context).RunAsync(new ExportDeploymentsRequest { Names = ["nope"] }))).Code);
    }

    [Fact]
    public async Task Reset_removes_one_entry_and_with_the_last_the_file()
    {
        Host("version: 2026.163.0928\ndeploy:\n  a: {target: local}\n  b: {target: local}\n");
        Assert.Equal("a", Assert.Single(await new ResetDeployments(_lab.Context).RunAsync(["a"])).Key);
        Assert.Contains("b:", File.ReadAllText(HostFile), StringComparison.Ordinal);
        await new ResetDeployments(_lab.Context).RunAsync(["b"]);
        Assert.False(File.Exists(HostFile));
    }

    [Fact]
    public async Task Reset_of_all_keeps_the_file_while_it_says_what_pods_offer()
    {
        Host("deploy:\n  a: {target: local}\n  b: {target: local}\nprovides:\n  env:\n    - {name: DB, value: x, source: db}\n");
        Assert.Equal(2, (await new ResetDeployments(_lab.Context).RunAsync(null)).Count);
        Assert.Contains("DB", File.ReadAllText(HostFile), StringComparison.Ordinal);
        Assert.DoesNotContain("target: local", File.ReadAllText(HostFile), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Reset_of_what_is_not_there_says_so_and_succeeds()
    {
        Assert.Empty(await new ResetDeployments(_lab.Context).RunAsync(["nope"]));
        Assert.Contains(_lab.Events.OfType<NoticeEvent>(), n => n.Text == "No overrides for box \"nope\"");
    }

    [Fact]
    public async Task A_write_that_would_empty_the_map_at_once_is_refused()
    {
        Host("deploy:\n  a: {target: local}\n  b: {target: local}\n");
        await UnchangedAsync(Errors.StateEmptied, () => new OpenCharly.Model.HostFile(_lab.Context.Paths).EditAsync((editor, root) => editor.Remove([root])));
        await new OpenCharly.Model.HostFile(_lab.Context.Paths).EditAsync((editor, root) => editor.Remove([root, "a"]));
        await new OpenCharly.Model.HostFile(_lab.Context.Paths).EditAsync((editor, root) => editor.Remove([root, "b"]));
    }

    private string[] Files() => Directory.GetFiles(_lab.At("."), "*", SearchOption.AllDirectories).Select(Path.GetFullPath).ToArray();

    private void Host(string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(HostFile)!);
        File.WriteAllText(HostFile, text);
    }

    private async Task<IReadOnlyList<string>> ImportAsync(params string[] files) =>
        [.. (await new ImportDeployments(_lab.Context).RunAsync(new ImportDeploymentsRequest { Files = files })).Select(d => d.Key)];

    private async Task<CharlyException> UnchangedAsync(ErrorCode? code, Func<Task> work)
    {
        var before = File.ReadAllText(HostFile);
        var error = await Assert.ThrowsAnyAsync<CharlyException>(work);
        if (code is not null) Assert.Equal(code, error.Code);
        Assert.Equal(before, File.ReadAllText(HostFile));
        return error;
    }
}
