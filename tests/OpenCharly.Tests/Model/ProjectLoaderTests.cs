using OpenCharly.Foundation;
using OpenCharly.Model;

namespace OpenCharly.Tests.Model;

public sealed class ProjectLoaderTests : ProjectFixture
{
    private const string Version = "version: 2026.163.0928\n";

    [Fact]
    public async Task A_folder_without_charly_yml_is_an_empty_project_with_the_per_host_file()
    {
        WriteHost("deploy:\n  vm:web:\n    vm_state: {ssh_port: 2201}\n");
        var project = await LoadAsync();
        Assert.False(project.Exists);
        Assert.Equal("vm", project.Deployments["vm:web"].Target);
        Assert.Equal("web", project.Deployments["vm:web"].Vm);
        Assert.Empty(project.Candies.Names);
    }

    [Fact]
    public async Task Shapes_decide_what_a_document_is()
    {
        Write("charly.yml", Version + """
            discover: []
            vm:
              db: {source: {kind: cloud_image, url: "https://images.example.org/x.qcow2"}}
            ---
            vm:
              name: web
              version: 2026.150.0900
              spec: {source: {kind: cloud_image, path: /x.qcow2}, cpu: 4}
            ---
            box: {name: shop, candy: [nginx]}
            ---
            local: {name: laptop, candy: [tmux]}
            """);
        var project = await LoadAsync();
        Assert.Equal(["db", "web"], project.Vms.Names);
        Assert.Equal(4, project.Vms.Find("web")!.Cpus);
        Assert.Equal("nginx", project.Boxes.Find("shop")!.Candies[0].Text);
        Assert.Equal(["tmux"], project.LocalTemplates.Find("laptop")!.Candies);
    }

    [Fact]
    public async Task Candies_are_found_by_walking_and_read_only_when_asked_for()
    {
        Write("charly.yml", Version);
        WriteCandy("good");
        Write("candy/broken/charly.yml", "candy:\n  name: broken\n  nope: 1\n");
        Write("candy/.hidden/charly.yml", "garbage: [");
        var project = await LoadAsync();
        Assert.Equal(["broken", "good"], project.Candies.Names);
        Assert.Equal("good", project.Candies.Find("good")!.Name);
        var error = Assert.ThrowsAny<CharlyException>(() => project.Candies.Find("broken"));
        Assert.Equal("CND001", error.Code.Id);
        Assert.Equal("candy/broken/charly.yml:3:3", error.Position!.ToString());
        Assert.Null(project.Candies.Find("missing"));
    }

    [Fact]
    public async Task The_folder_of_a_discovered_candy_names_it()
    {
        Write("charly.yml", Version);
        Write("candy/a/charly.yml", "candy: {name: b}\n");
        Assert.Equal(Errors.CfgName, Assert.ThrowsAny<CharlyException>(() => LoadAsync().Result.Candies.Find("a")).Code);
        await Task.CompletedTask;
    }

    [Fact]
    public async Task Sibling_vm_and_build_files_are_read_with_a_note()
    {
        Write("charly.yml", Version);
        Write("vm.yml", "vm:\n  web: {source: {kind: cloud_image, path: /x}}\n");
        var project = await LoadAsync();
        Assert.NotNull(project.Vms.Find("web"));
        Assert.Equal("vm.yml is read although nothing imports it", Assert.Single(project.Warnings).Message);
        Write("charly.yml", Version + "import: [vm.yml]\n");
        Assert.Empty((await LoadAsync()).Warnings);
    }

    [Fact]
    public async Task The_importing_document_wins()
    {
        Write("charly.yml", Version + "import: [more.yml]\ndefaults: {tag: own}\nlocal:\n  a: {candy: [own]}\n");
        Write("more.yml", "defaults: {tag: theirs, registry: r}\nlocal:\n  a: {candy: [theirs]}\n  b: {candy: [b]}\n");
        var project = await LoadAsync();
        Assert.Equal(["own"], project.LocalTemplates.Find("a")!.Candies);
        Assert.Equal(["b"], project.LocalTemplates.Find("b")!.Candies);
        Assert.Equal(["tag", "registry"], project.Defaults!.Entries.Select(e => e.Key.Text));
    }

    [Fact]
    public async Task A_namespace_mounts_another_project()
    {
        Write("charly.yml", Version + "import: [{base: ../other}]\n");
        Write("../other/charly.yml", Version);
        Write("../other/candy/shared/charly.yml", "candy: {name: shared, package: [x]}\n");
        var project = await LoadAsync();
        var (place, name) = project.Qualify("base.shared");
        Assert.Equal("shared", place.Candies.Find(name)!.Name);
        Assert.Equal(Errors.RefNamespace, Assert.Throws<CharlyException>(() => project.Qualify("bace.shared")).Code);
    }

    [Theory]
    [InlineData("- a\n", "CFG001", 1)]
    [InlineData("nothing: 1\n", "CFG001", 1)]
    [InlineData(Version + "candy: {name: x}\n", "CFG002", 2)]
    [InlineData(Version + "images: {}\n", "CFG003", 2)]
    [InlineData(Version + "deployment: {}\n", "CFG003", 2)]
    [InlineData("local: {a: {candy: [b]}}\n", "CFG004", 1)]
    [InlineData("version: 2025.001.0000\n", "CFG004", 1)]
    [InlineData("version: 2027.001.0000\n", "CFG004", 1)]
    [InlineData("version: one\n", "CFG004", 1)]
    [InlineData(Version + "import: [charly.yml]\n", "CFG005", 1)]
    [InlineData(Version + "import: [{Bad_Alias: x}]\n", "CFG005", 2)]
    [InlineData(Version + "import: [missing.yml]\n", "CFG005", 2)]
    [InlineData(Version + "import: [{a: x}, {a: y}]\n", "CFG005", 2)]
    [InlineData(Version + "deploy:\n  a: {target: pod}\n", "CFG009", 3)]
    [InlineData(Version + "deploy:\n  a: {target: local, local: nope}\n", "CFG009", 3)]
    [InlineData(Version + "deploy:\n  a: {target: host}\n", "CFG003", 3)]
    [InlineData(Version + "deploy:\n  a: {target: local, user: b}\n", "CFG010", 3)]
    [InlineData(Version + "deploy:\n  a: {target: local, host: b@c, user: d}\n", "CFG010", 3)]
    [InlineData(Version + "deploy:\n  a: {target: local, host: \"-oProxyCommand=x\"}\n", "CFG010", 3)]
    [InlineData(Version + "deploy:\n  a: {target: local, nested: {b.c: {target: local}}}\n", "CFG008", 3)]
    [InlineData(Version + "deploy:\n  a: {target: local}\neval:\n  a: {target: local}\n", "CFG008", 5)]
    [InlineData(Version + "deploy:\n  a: {box: x, image: y}\n", "yaml.duplicate_key", 3)]
    [InlineData(Version + "deploy:\n  a: {target: local, preemptible: {holds: []}}\n", "CFG016", 3)]
    [InlineData(Version + "deploy:\n  \"a b\": {target: local}\n", "name.invalid", 3)]
    [InlineData(Version + "deploy: 1\n", "yaml.type", 2)]
    public async Task A_loading_error_has_its_code_and_line(string text, string code, int line)
    {
        Write("charly.yml", text);
        var error = await LoadFailsAsync();
        Assert.Equal(code, error.Code.Id);
        Assert.Equal(("charly.yml", line), (error.Position!.File, error.Position.Line));
        Assert.NotEmpty(error.Help);
    }

    [Fact]
    public async Task Imports_in_a_circle_print_their_chain()
    {
        Write("charly.yml", Version + "import: [a.yml]\n");
        Write("a.yml", "import: [b.yml]\n");
        Write("b.yml", "import: [a.yml]\n");
        Assert.Contains("charly.yml -> a.yml -> b.yml -> a.yml", (await LoadFailsAsync()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_per_host_file_wins_field_by_field_and_lists_replace()
    {
        Write("charly.yml", Version + "deploy:\n  a: {target: local, add_candy: [x, y], env: {K: project}, lifecycle: dev}\n");
        WriteHost("version: 2026.144.1443\ndeploy:\n  a: {add_layers: [z], env: {}, disposable: true}\n  b: {target: local, host: ada@box.example.org:2222}\n");
        var project = await LoadAsync();
        var a = project.Deployments["a"];
        Assert.Equal(["z"], a.AddCandies);
        Assert.Equal("project", a.Environment["K"]);
        Assert.True(a.Disposable);
        Assert.Equal("dev", a.Lifecycle);
        Assert.Equal("ada@box.example.org:2222", project.Deployments["b"].Host);
    }

    [Fact]
    public async Task A_dangling_reference_of_the_per_host_file_waits_until_it_is_used()
    {
        Write("charly.yml", Version);
        WriteHost("deploy:\n  a: {target: local, local: elsewhere}\n");
        Assert.Equal("elsewhere", (await LoadAsync()).Deployments["a"].Local);
    }

    [Fact]
    public async Task An_old_deploy_yml_in_the_configuration_folder_asks_for_migration()
    {
        Write("charly.yml", Version);
        var paths = new HostPaths(Machine);
        Directory.CreateDirectory(paths.Config);
        File.WriteAllText(Path.Combine(paths.Config, "deploy.yml"), "deploy: {}\n");
        Assert.Equal(Errors.CfgLegacy, (await LoadFailsAsync()).Code);
    }

    [Fact]
    public async Task Deployments_are_found_by_key_by_path_and_peers_by_their_own_name()
    {
        Write("charly.yml", Version + """
            deploy:
              v1.2: {target: local}
              vm:web:
                nested:
                  shop: {target: pod, box: shop, nested: {cron: {target: local}}}
                peer:
                  driver: {target: pod, box: chrome}
            """);
        var project = await LoadAsync();
        Assert.Equal("v1.2", project.FindDeployment("v1.2")!.Key);
        Assert.Equal("vm:web.shop.cron", project.FindDeployment("vm:web.shop.cron")!.Key);
        Assert.Null(project.FindDeployment("vm:web.nope"));
        Assert.Equal("vm:web", project.Deployments["driver"].Owner);
    }

    [Fact]
    public async Task Unknown_root_and_entry_keys_are_warnings_with_the_nearest_name()
    {
        Write("charly.yml", Version + "discovr: [x]\ndeploy:\n  a: {target: local, lifecicle: dev}\n");
        var project = await LoadAsync();
        Assert.Equal(["Did you mean \"discover\"?", "Did you mean \"lifecycle\"?"], project.Warnings.Select(w => w.Help));
    }

    [Fact]
    public async Task All_problems_of_a_file_come_at_once()
    {
        Write("charly.yml", Version + "deploy:\n  a: {target: host}\n  b: {target: pod}\n");
        Assert.Equal(["CFG003", "CFG009"], Assert.IsType<CharlyValidationException>(await LoadFailsAsync()).Problems.Select(p => p.Code.Id).Distinct().Order());
    }

    [Fact]
    public async Task A_flat_candy_file_asks_for_migration()
    {
        Write("charly.yml", Version);
        Write("candy/a/charly.yml", "name: a\nversion: 2026.150.0900\nenv: {A: b}\n");
        var error = await LoadFailsAsync();
        Assert.Equal("candy/a/charly.yml", error.Position!.File);
        Assert.Contains(error.Code.Id, new[] { "CFG001", "CFG003" });
    }

    [Fact]
    public async Task The_whole_catalog_loads()
    {
        if (Catalog.IsAbsent()) return;
        var project = await Loader.LoadAsync(Catalog.Folder!);
        Assert.Equal(117, project.Candies.Count);
        Assert.Equal(117, project.Candies.All().Count());
    }

    [Theory]
    [InlineData("candy: {name: a, package: [x]}\n---\ncandy: {name: b, package: [y]}\n")]
    [InlineData("candy:\n  a: {package: [x]}\n  b: {package: [y]}\n")]
    [InlineData("candy:\n  a: {package: [x]}\nbox: {shop: {base: z}}\n---\ncandy:\n  b: {package: [y]}\n")]
    public async Task A_manifest_of_its_own_name_may_hold_several_candies(string text)
    {
        Write("charly.yml", Version + "discover: [{path: packs, manifest: pack.yml}]\n");
        Write("packs/one/pack.yml", text);
        var project = await LoadAsync();
        Assert.Equal(["a", "b"], project.Candies.Names);
        Assert.Equal(["y"], project.Candies.Find("b")!.Packages);
    }

    [Fact]
    public async Task A_manifest_of_its_own_name_with_one_candy_is_called_like_its_folder()
    {
        Write("charly.yml", Version + "discover: [{path: packs, manifest: pack.yml}]\n");
        Write("packs/one/pack.yml", "candy:\n  package: [x]\n");
        Write("packs/two/pack.yml", "candy:\n  env: {A: b}\n  shell: {init: x}\n");
        Assert.Equal(["one", "two"], (await LoadAsync()).Candies.Names);
    }

    [Fact]
    public async Task A_candy_file_with_a_map_of_candies_is_one_error_that_names_them()
    {
        Write("charly.yml", Version);
        Write("candy/pack/charly.yml", "candy:\n  a: {package: [x]}\n  b: {package: [y]}\n");
        var problem = Assert.Single((await LoadAsync()).Candies.Problems("pack"));
        Assert.Equal(("CFG001", "candy/pack/charly.yml:2:3"), (problem.Code.Id, problem.Position!.ToString()));
        Assert.EndsWith("a map of candies: a, b", problem.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"candy\":\n  name: b\n  package: [x]\n")]
    [InlineData("{candy: {name: b, package: [x]}}\n")]
    [InlineData("  candy:\n    name: b\n    package: [x]\n")]
    public async Task The_folder_names_a_candy_however_its_key_is_written(string text)
    {
        Write("charly.yml", Version);
        Write("candy/a/charly.yml", text);
        var project = await LoadAsync();
        Assert.Equal(["a"], project.Candies.Names);
        Assert.Equal(Errors.CfgName, Assert.Single(project.Candies.Problems("a")).Code);
    }

    [Fact]
    public async Task Characters_that_only_old_YAML_took_for_line_breaks_stay_what_they_are()
    {
        Write("charly.yml", Version);
        WriteCandy("a", "env: {A: \"x\u2028y\"}\ntask:\n  - write: /etc/x\n    content: |\n      a\u2028b\u0085c\u2029d\n      e\nnope: 1");
        var problem = Assert.Single((await LoadAsync()).Candies.Problems("a"));
        Assert.Equal("candy/a/charly.yml:10:3", problem.Position!.ToString());
        WriteCandy("a", "env: {A: \"x\u2028y\"}\ntask:\n  - write: /etc/x\n    content: |\n      a\u2028b\u0085c\u2029d\n      e");
        var candy = (await LoadAsync()).Candies.Find("a")!;
        Assert.Equal(("x\u2028y", "a\u2028b\u0085c\u2029d\ne\n"), (candy.Environment["A"], candy.Tasks[0].Content));
    }
}
