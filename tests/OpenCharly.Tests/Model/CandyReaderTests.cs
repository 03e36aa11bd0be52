using OpenCharly.Foundation;
using OpenCharly.Model;
using OpenCharly.Yaml;

namespace OpenCharly.Tests.Model;

public sealed class CandyReaderTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("charly-candy-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private (Candy? Candy, List<Problem> Problems) Read(string body)
    {
        var problems = new List<Problem>();
        var text = "candy:\n  name: demo\n  version: 2026.150.0900\n" + string.Concat(body.Split('\n').Select(l => "  " + l + "\n"));
        var candy = CandyReader.ReadText(text, Path.Combine(_folder, "charly.yml"), new CandyOrigin(_folder) { DisplayName = "charly.yml" }, problems);
        return (candy, problems);
    }

    private Candy Good(string body)
    {
        var (candy, problems) = Read(body);
        Assert.Empty(problems);
        return candy!;
    }

    [Fact]
    public void Every_candy_of_the_catalog_loads_without_an_error()
    {
        if (Catalog.IsAbsent()) return;
        Assert.Equal(117, Catalog.Manifests.Count);
        foreach (var manifest in Catalog.Manifests)
        {
            var problems = new List<Problem>();
            var candy = CandyReader.ReadFile(manifest, new CandyOrigin(Catalog.Folder!) { ExpectedName = Path.GetFileName(Path.GetDirectoryName(manifest)) }, problems);
            Assert.DoesNotContain(problems, p => !p.IsWarning);
            Assert.NotNull(candy);
        }
    }

    [Fact]
    public void A_typo_in_any_top_level_key_of_a_catalog_candy_is_found_at_its_place()
    {
        if (Catalog.IsAbsent()) return;
        foreach (var manifest in Catalog.Manifests)
        {
            var text = File.ReadAllText(manifest);
            var body = (YamlMapping)((YamlMapping)YamlReader.Read(text, manifest)[0])["candy"]!;
            foreach (var entry in body.Entries)
            {
                var (line, column) = (entry.Key.Position.Line, entry.Key.Position.Column);
                var lines = text.Split('\n');
                lines[line - 1] = lines[line - 1].Insert(column - 1 + entry.Key.Text.Length, "x");
                var problems = new List<Problem>();
                CandyReader.ReadText(string.Join('\n', lines), manifest, new CandyOrigin(Catalog.Folder!), problems);
                var found = Assert.Single(problems, p => p.Code == Errors.CandyUnknownKey && p.Message.Contains($"\"{entry.Key.Text}x\"", StringComparison.Ordinal));
                Assert.Equal(new SourcePosition(manifest, line, column), found.Position);
                Assert.Equal($"Did you mean \"{entry.Key.Text}\"?", found.Help);
            }
        }
    }

    [Fact]
    public void Sections_are_split_normalised_and_joined()
    {
        var candy = Good("""
            package: [curl, {name: jq, description: JSON}]
            distro:
              "debian,ubuntu": {package: [a]}
              debian: {package: [b], repo: [{name: wx, url: https://wx.example.org/apt, key: https://wx.example.org/k}]}
              debian-13: {package: [c]}
              arch: {aur: {package: [d]}}
            """);
        Assert.Equal(["curl", "jq"], candy.Packages);
        Assert.Equal(["debian", "ubuntu", "debian:13", "arch"], candy.Sections.Select(s => s.Tag));
        Assert.Equal(["a", "b"], candy.Sections[0].Packages);
        Assert.Equal("https://wx.example.org/k", candy.Sections[0].Repositories![0].Key);
        Assert.Null(candy.Sections[1].Repositories);
        Assert.Equal(["aur"], candy.Builders);
    }

    [Fact]
    public void Files_beside_the_manifest_call_for_builders()
    {
        File.WriteAllText(Path.Combine(_folder, "package.json"), "{}");
        File.WriteAllText(Path.Combine(_folder, "pixi.toml"), "");
        File.WriteAllText(Path.Combine(_folder, "x.service"), "");
        var candy = Good("require: [node]");
        Assert.Equal(["npm", "pixi"], candy.Builders);
        Assert.Equal(["x.service"], candy.UnitFiles);
    }

    [Fact]
    public void Restart_no_read_as_a_boolean_means_no()
    {
        var candy = Good("service: [{name: a, exec: /bin/a, restart: no, autostart: false, stop_timeout: \"10\"}]");
        Assert.Equal("no", candy.Services[0].Restart);
        Assert.False(candy.Services[0].AutoStart);
        Assert.Equal(10, candy.Services[0].StopTimeout);
    }

    [Theory]
    [InlineData("90s", 90)]
    [InlineData("2m", 120)]
    [InlineData("\"30\"", 30)]
    public void A_stop_timeout_may_name_its_unit(string written, int seconds) =>
        Assert.Equal(seconds, Good($"service: [{{name: a, exec: /bin/a, stop_timeout: {written}}}]").Services[0].StopTimeout);

    [Theory]
    [InlineData("cap_net_bind_service=+ep")]
    [InlineData("cap_net_raw,cap_net_admin=eip")]
    [InlineData("cap_sys_nice+ep cap_net_raw-e")]
    [InlineData("all=ep")]
    public void Capabilities_are_written_as_setcap_takes_them(string capabilities) =>
        Assert.Equal(capabilities, Good($"task: [{{setcap: /usr/bin/x, caps: \"{capabilities}\"}}]").Tasks[0].Capabilities);

    [Fact]
    public void A_distribution_may_have_a_dash_in_its_name()
    {
        var (candy, problems) = Read("distro: {opensuse-tumbleweed: {package: x}, opensuse-leap-15.6: {package: z}, debian-trixie: {package: y}}");
        Assert.Equal(["opensuse-tumbleweed", "opensuse-leap:15.6"], candy!.Sections.Select(s => s.Tag));
        Assert.Equal([true, true, false], problems.Select(p => p.IsWarning));
        Assert.Equal("Write its number, as in debian-13.", problems[2].Help);
    }

    [Fact]
    public void Components_of_a_repository_may_be_a_list() =>
        Assert.Equal("main contrib", Good("distro: {debian: {package: [x], repo: [{name: x, url: u, components: [main, contrib]}]}}").Sections[0].Repositories![0].Components);

    [Fact]
    public void Packages_are_called_as_their_package_manager_calls_them()
    {
        string[] names = ["@development-tools", "@Development Tools", "perl(JSON::XS)", "/usr/bin/vim", "libstdc++6", "foo:amd64", "https://example.org/x.rpm"];
        Assert.Equal(names, Good($"package: [{string.Join(", ", names.Select(n => $"\"{n}\""))}]").Packages);
    }

    [Fact]
    public void Which_file_a_variable_means_is_not_asked_while_reading() =>
        Assert.Equal("${SIZE}.ini", Good("var: {SIZE: small}\ntask: [{copy: \"${SIZE}.ini\", to: /x}]").Tasks[0].Value);

    [Fact]
    public void A_candy_with_nothing_but_members_has_no_content_of_its_own()
    {
        Assert.False(Good("candy: [a, b]").HasOwnContent);
        Assert.True(Good("candy: [a, b]\nenv: {A: b}").HasOwnContent);
        Assert.True(Good("require: [a, b]").HasOwnContent);
    }

    [Theory]
    [InlineData("task: [{user: root}]", "TSK001")]
    [InlineData("task: [{cmdd: ls}]", "TSK001")]
    [InlineData("task: [{cmd: ls, mkdir: /x}]", "TSK001")]
    [InlineData("task: [{mkdir: /x, user: \"a b\"}]", "TSK002")]
    [InlineData("task: [{mkdir: /x, mode: 755}]", "TSK002")]
    [InlineData("task: [{mkdir: x}]", "TSK003")]
    [InlineData("task: [{mkdir: /x/../../etc}]", "TSK003")]
    [InlineData("task: [{copy: missing, to: /x}]", "TSK004")]
    [InlineData("task: [{copy: ../x, to: /x}]", "TSK004")]
    [InlineData("task: [{copy: \"${NOPE}.ini\", to: /x}]", "TSK009")]
    [InlineData("task: [{write: /x, content: \"\"}]", "TSK005")]
    [InlineData("task: [{cmd: \" \"}]", "TSK005")]
    [InlineData("task: [{link: /x}]", "TSK005")]
    [InlineData("task: [{download: \"https://example.org/x.tar.gz\"}]", "TSK006")]
    [InlineData("task: [{download: \"https://example.org/x\", to: /x, extract: rar}]", "TSK006")]
    [InlineData("task: [{mkdir: /x, cache: [/c]}]", "TSK007")]
    [InlineData("task: [{cmd: ls, cache: [c]}]", "TSK007")]
    [InlineData("task: [{setcap: /x, caps: everything}]", "TSK008")]
    [InlineData("task: [{build: some}]", "TSK008")]
    [InlineData("task: [{mkdir: \"/x/${NOPE}\"}]", "TSK009")]
    [InlineData("service: [{name: a}]", "SVC001")]
    [InlineData("service: [{name: a, exec: x}, {name: a, exec: y}]", "SVC001")]
    [InlineData("package: [p]\nservice: [{name: a, use_packaged: a/b}]", "SVC002")]
    [InlineData("service: [{name: a, use_packaged: a.service}]", "SVC002")]
    [InlineData("service: [{name: a, exec: x, restart: never}]", "SVC003")]
    [InlineData("service: [{name: a, exec: x, scope: global}]", "SVC003")]
    [InlineData("service: [{name: a, exec: \"x\\aUser=root\"}]", "SVC003")]
    [InlineData("directory: missing", "CND005")]
    [InlineData("require: [demo]", "CND006")]
    [InlineData("require: [a]\ncandy: [a]", "CND006")]
    [InlineData("env: {PATH: /x}", "CND008")]
    [InlineData("env: {\"A B\": x}", "CND009")]
    [InlineData("var: {HOME: x}", "CND009")]
    [InlineData("var: {A: x}\nenv: {A: y}", "CND009")]
    [InlineData("port: [70000]", "CND010")]
    [InlineData("port: [\"gopher:70\"]", "CND010")]
    [InlineData("port_relay: [80]", "CND010")]
    [InlineData("volume: [{name: A, path: /x}]", "CND011")]
    [InlineData("alias: [{name: x}]", "CND011")]
    [InlineData("route: {host: x}", "CND012")]
    [InlineData("data: [{src: nothing, volume: v}]", "CND013")]
    [InlineData("env_require: [{name: A}]", "CND014")]
    [InlineData("env_require: [{name: A, description: d}]\nenv_accept: [{name: A, description: d}]", "CND014")]
    [InlineData("env_provide: {A: \"{{.Secret}}\"}", "CND014")]
    [InlineData("shell: {ksh: {init: x}}", "CND015")]
    [InlineData("shell: {init: \" \"}", "CND015")]
    [InlineData("shell: {init: x, path: ../x}", "CND015")]
    [InlineData("distro: {debian: {repo: [{name: x, url: y}]}}", "CND016")]
    [InlineData("package: [p]\ndistro: {debian: {repo: [{url: y}]}}", "CND016")]
    [InlineData("apk: [{package: a, apk: b}]", "CND017")]
    [InlineData("libvirt: [\"<devices>\"]", "CND018")]
    [InlineData("engine: rkt", "CND018")]
    [InlineData("tasks: []", "CFG003")]
    [InlineData("debian: {package: [x]}", "CFG003")]
    [InlineData("description: free text", "CFG003")]
    [InlineData("localpkg: path", "CFG003")]
    [InlineData("distro: {debain: {package: [x]}}", "CND001")]
    [InlineData("eval: [{id: a}]", "CHK001")]
    [InlineData("eval: [{file: /x, package: y}]", "CHK001")]
    [InlineData("eval: [{id: a, file: /x}, {id: a, file: /y}]", "CHK001")]
    [InlineData("eval: [{command: ls, stdout: {contain: x}}]", "CHK001")]
    [InlineData("eval: [{addr: \"127.0.0.1:${HOST_PORT:80}\"}]", "CHK001")]
    [InlineData("eval: [{file: /x, timeout: soon}]", "CHK001")]
    [InlineData("description: {feature: x, scenario: [{name: a, step: [{file: /x}]}]}", "CHK001")]
    [InlineData("description: {featur: x}", "CND001")]
    [InlineData("version: 2026.1.1", "yaml.duplicate_key")]
    public void A_structural_error_has_its_code_a_position_and_a_remedy(string body, string code)
    {
        List<Problem> problems;
        try
        {
            problems = Read(body).Problems;
        }
        catch (CharlyException e)
        {
            problems = [new Problem(e.Code, e.Message, e.Help, e.Position)];
        }

        var found = Assert.Single(problems.Where(p => !p.IsWarning).DistinctBy(p => p.Code));
        Assert.Equal(code, found.Code.Id);
        Assert.Equal("charly.yml", found.Position!.File);
        Assert.NotEmpty(found.Help);
    }

    [Fact]
    public void Unknown_keys_in_nested_maps_are_ignored_with_one_warning_a_file()
    {
        var (_, problems) = Read("task: [{cmd: ls, colour: red}, {cmd: ls, colour: blue}]");
        var warning = Assert.Single(problems);
        Assert.True(warning.IsWarning);
        Assert.Equal(Errors.CfgUnknownKey, warning.Code);
    }

    [Theory]
    [InlineData("", "CFG001")]
    [InlineData("name: demo\npackage: [x]\n", "CFG003")]
    [InlineData("candy: {name: demo}\nbox: {}\n", "CFG002")]
    [InlineData("candy: {name: demo}\n---\ncandy: {name: other}\n", "CFG003")]
    [InlineData("candyy: {name: demo}\n", "CFG001")]
    [InlineData("- x\n", "CFG001")]
    public void A_candy_file_holds_one_wrapped_candy(string text, string code)
    {
        var problems = new List<Problem>();
        CandyReader.ReadText(text, Path.Combine(_folder, "charly.yml"), new CandyOrigin(_folder), problems);
        Assert.Equal(code, Assert.Single(problems).Code.Id);
    }
}
