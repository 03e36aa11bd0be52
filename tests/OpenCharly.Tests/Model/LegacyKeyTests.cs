using OpenCharly.Foundation;
using OpenCharly.Model;
using OpenCharly.Operations;

namespace OpenCharly.Tests.Model;

/// <summary>Old spellings: those that still work, and those that name their successor and the way to migrate (candy-and-plan.md §1.5, §1.7, §3).</summary>
public sealed class LegacyKeyTests : ProjectFixture
{
    private const string Version = "version: 2026.163.0928\n";

    [Theory]
    [InlineData("layers", "volumes", "secrets", "aliases", "builds", "requires", "tasks", "artifacts", "packages", "hooks", "capabilities", "tags", "images", "vars", "repos", "services")]
    [InlineData("env_provides", "env_requires", "env_accepts", "mcp_provides", "mcp_requires", "mcp_accepts", "secret_requires", "secret_accepts")]
    [InlineData("depends", "info", "status", "rpm", "deb", "pac", "aur", "debian", "ubuntu", "fedora", "arch", "debian-13", "\"ubuntu:24.04\"")]
    public async Task A_retired_key_of_a_candy_says_what_it_is_now(params string[] keys)
    {
        Write("charly.yml", Version);
        foreach (var key in keys)
        {
            WriteCandy("demo", $"package: [curl]\n{key}: []");
            await AssertLegacyAsync("candy/demo/charly.yml:5:3", key);
        }
    }

    [Theory]
    [InlineData("include", "image", "images", "layer", "layers", "deployment", "deployments", "ai", "benchmark", "distros", "builders", "inits", "kind")]
    public async Task A_retired_key_of_a_root_file_says_what_it_is_now(params string[] keys)
    {
        foreach (var key in keys)
        {
            Write("charly.yml", $"{Version}{key}: {{}}\n");
            await AssertLegacyAsync("charly.yml:2:1", key);
        }
    }

    [Theory]
    [InlineData("port", "vm", "libvirt", "layers", "builds", "platforms", "tags")]
    public async Task A_retired_key_of_a_box_says_what_it_is_now(params string[] keys)
    {
        Write("charly.yml", Version);
        foreach (var key in keys)
        {
            Write("box/shop/charly.yml", $"box:\n  name: shop\n  distro: debian\n  build: deb\n  {key}: []\n");
            await AssertLegacyAsync("box/shop/charly.yml:5:3", key);
        }
    }

    [Theory]
    [InlineData("deploy:\n  a: {target: host}\n", "charly.yml:3:15")]
    [InlineData("deploy:\n  a: {target: container, box: shop}\n", "charly.yml:3:15")]
    [InlineData("deploy:\n  a: {target: kubernetes}\n", "charly.yml:3:15")]
    [InlineData("deploy:\n  qc: {target: local}\n", "charly.yml:3:7")]
    [InlineData("deploy:\n  cachyos-dx: {target: local}\n", "charly.yml:3:15")]
    [InlineData("local:\n  a: {candy: [], image: x}\n", "charly.yml:3:18")]
    [InlineData("local:\n  a: {candy: [], images: x}\n", "charly.yml:3:18")]
    [InlineData("local:\n  cachyos-dx: {candy: []}\n", "charly.yml:3:15")]
    [InlineData("defaults:\n  port: 80\n", "charly.yml:3:3")]
    public async Task A_retired_value_or_name_asks_for_migration(string body, string place)
    {
        Write("box/shop/charly.yml", "box: {name: shop, distro: debian, build: deb}\n");
        Write("charly.yml", Version + body);
        await AssertLegacyAsync(place, "");
    }

    [Theory]
    [InlineData("root.yml")]
    [InlineData("user.yml")]
    public async Task A_retired_file_beside_a_candy_asks_for_migration(string file)
    {
        Write("charly.yml", Version);
        WriteCandy("demo");
        Write($"candy/demo/{file}", "- x\n");
        await AssertLegacyAsync($"candy/demo/{file}:1:1", file);
    }

    [Theory]
    [InlineData("ports: [80]", "\"ports\" is the old name of \"port\"")]
    public async Task A_key_that_still_works_is_only_warned_of(string body, string warning)
    {
        Write("charly.yml", Version);
        WriteCandy("demo", "package: [curl]\n" + body);
        var problem = Assert.Single((await LoadAsync()).Candies.Problems("demo"));
        Assert.True(problem.IsWarning);
        Assert.Equal("candy/demo/charly.yml:5:3", problem.Position!.ToString());
        Assert.Contains(warning, problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_plural_of_deploy_still_works_in_a_project_and_in_the_per_host_file()
    {
        Write("charly.yml", Version + "deploys:\n  a: {target: local}\n");
        WriteHost("deploys:\n  b: {target: local}\n");
        var project = await LoadAsync();
        Assert.Equal(["a", "b"], project.Deployments.Keys);
        Assert.Equal("CFG003", Assert.Single(project.Warnings).Code.Id);
    }

    [Theory]
    [InlineData("image: shop", "box: shop")]
    [InlineData("add_layer: [x]", "add_candy: [x]")]
    [InlineData("add_layers: [x]", "add_candy: [x]")]
    [InlineData("ssh_args: [-4]", "ssh_arg: [-4]")]
    [InlineData("volumes: [x]", "volume: [x]")]
    [InlineData("ports: [80]", "port: [80]")]
    [InlineData("secrets: [x]", "secret: [x]")]
    [InlineData("sidecars: [x]", "sidecar: [x]")]
    [InlineData("env: [A=b, C=d=e]", "env: {A: b, C: d=e}")]
    public async Task Spellings_of_a_deploy_entry_mean_the_same(string one, string other)
    {
        var first = await EntryAsync(one);
        var second = await EntryAsync(other);
        Assert.Equal(Describe(first), Describe(second));

        async Task<Deployment> EntryAsync(string field)
        {
            Write("charly.yml", $"{Version}deploy:\n  a:\n    target: local\n    host: there\n    {field}\n");
            return (await LoadAsync()).Deployments["a"];
        }

        static string Describe(Deployment d) => string.Join(
            '\n', d.Box, string.Join(',', d.AddCandies), string.Join(',', d.SshArguments), string.Join(',', d.Environment),
            string.Join(',', d.Body!.Entries.Where(e => e.Key.Text != "env").Select(e => e.Key.Text)));
    }

    [Theory]
    [InlineData("layer: [x]", "candy: [x]")]
    [InlineData("task: [{command: ls}]", "task: [{cmd: ls}]")]
    [InlineData("task: [{cmd: ls, run_as: ada}]", "task: [{cmd: ls, user: ada}]")]
    [InlineData("task: [{link: /x, to: /y}]", "task: [{link: /x, target: /y}]")]
    [InlineData("package: [x]\ndistro: {debian: {repos: [{name: r, url: u}], options: [-q]}}", "package: [x]\ndistro: {debian: {repo: [{name: r, url: u}], option: [-q]}}")]
    [InlineData("package: [x]\ndistro: {fedora: {modules: [m]}, arch: {key: [k], aur: {package: [a], replaces: [b]}}}", "package: [x]\ndistro: {fedora: {module: [m]}, arch: {keys: [k], aur: {package: [a], replace: [b]}}}")]
    [InlineData("service: [{name: s, exec: e, events: PROCESS, kind: eventlistener, autostart: no, start_secs: 1, start_retries: 2, exit_codes: 3}]", "service: [{name: s, exec: e, event: PROCESS, kind: eventlistener, auto_start: false, start_sec: 1, start_retry: 2, exit_code: 3}]")]
    [InlineData("service: [{name: s, exec: e, after: a.target}]", "service: [{name: s, exec: e, after: [a.target]}]")]
    [InlineData("package: [x]\nsecurity: {devices: [/dev/a], mounts: [x]}", "package: [x]\nsecurity: {device: [/dev/a], mount: [x]}")]
    [InlineData("package: [x]\neval: [{file: /x, exclude_distros: [arch]}]", "package: [x]\neval: [{file: /x, exclude_distro: [arch]}]")]
    [InlineData("package: [x]\neval: [{command: ls, exit_code: 2}]", "package: [x]\neval: [{command: ls, exit_status: 2}]")]
    [InlineData("package: [x]\neval: [{file: /x, context: [deploy]}]", "package: [x]\neval: [{file: /x, scope: deploy}]")]
    [InlineData("package: [x]\nscenario: [{name: s, step: [{then: a}]}]", "package: [x]\ndescription: {scenario: [{name: s, step: [{then: a}]}]}")]
    public async Task Spellings_of_a_candy_mean_the_same(string one, string other)
    {
        Assert.Equal(await DescribeAsync(one), await DescribeAsync(other));

        async Task<string> DescribeAsync(string body)
        {
            Write("charly.yml", Version);
            WriteCandy("demo", body);
            var candy = (await LoadAsync()).Candies.Find("demo")!;
            return Printed.Of(candy);
        }
    }

    [Fact]
    public async Task A_key_together_with_its_old_spelling_is_refused()
    {
        Write("charly.yml", Version);
        WriteCandy("demo", "package: [curl]\nrequire: []\ncandy: [a]\nlayer: [b]");
        var problem = Assert.Single((await LoadAsync()).Candies.Problems("demo"));
        Assert.Equal(("yaml.duplicate_key", "candy/demo/charly.yml:7:3"), (problem.Code.Id, problem.Position!.ToString()));
    }

    private async Task AssertLegacyAsync(string place, string key)
    {
        var report = await new ValidateProject(new CharlyContext(Machine)).RunAsync();
        var found = Assert.Single(report.Errors, p => p.Code == Errors.CfgLegacy);
        Assert.Equal(place, found.Position!.ToString());
        Assert.Contains(key.Trim('"'), found.Message, StringComparison.Ordinal);
        Assert.Contains("charly migrate", found.Help, StringComparison.Ordinal);
    }
}
