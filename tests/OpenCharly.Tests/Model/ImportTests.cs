using OpenCharly.Foundation;
using OpenCharly.Model;

namespace OpenCharly.Tests.Model;

/// <summary>Projects that import each other, from folders and from repositories that real git serves over <c>file://</c>.</summary>
public sealed class ImportTests : RemoteFixture
{
    [Fact]
    public async Task Two_repositories_that_import_each_other_end_at_the_tree_that_is_loaded_already()
    {
        Publish("acme/base", Version + "repo: code.example.org/acme/base\nimport: [{shop: \"@code.example.org/acme/shop:\"}]\n", "tool");
        Write("charly.yml", Version + "repo: code.example.org/acme/shop\nimport: [{base: \"@code.example.org/acme/base:\"}]\n");
        WriteCandy("own");
        var project = await LoadAsync();
        Assert.Equal("tool", project.Namespaces["base"].Candies.Find("tool")!.Name);
        Assert.Same(project, project.Namespaces["base"].Namespaces["shop"]);
        Assert.Equal("own", project.Qualify("base.shop.own").Project.Candies.Find("own")!.Name);
    }

    [Fact]
    public async Task Without_repo_the_origin_of_the_clone_says_which_repository_the_project_is()
    {
        Publish("acme/base", Version + "import: [{shop: \"@code.example.org/acme/shop:\"}]\n", "tool");
        Write("charly.yml", Version + "import: [{base: \"@code.example.org/acme/base:\"}]\n");
        Git(Folder, "init", "--quiet");
        Git(Folder, "remote", "add", "origin", "git@code.example.org:acme/shop.git");
        var project = await LoadAsync();
        Assert.Same(project, project.Namespaces["base"].Namespaces["shop"]);
    }

    [Fact]
    public async Task A_flat_import_of_a_repository_fills_only_what_is_missing()
    {
        Publish("acme/base", Version, "tool", "own");
        Write("charly.yml", Version + "import: [\"@code.example.org/acme/base:\"]\n");
        WriteCandy("own", "package: [mine]");
        var project = await LoadAsync();
        Assert.Equal(["own", "tool"], project.Candies.Names);
        Assert.Equal(["mine"], project.Candies.Find("own")!.Packages);
        Assert.Equal("code.example.org/acme/base@", project.Candies.Find("tool")!.Repository);
    }

    [Fact]
    public async Task A_repository_of_nothing_but_candies_is_a_project_where_it_is_named()
    {
        var remote = Publish("acme/base", Version, "tool");
        File.Delete(Path.Combine(remote, "charly.yml"));
        Commit(remote);
        var project = await Loader.LoadAsync(await Loader.LocateAsync(null, "code.example.org/acme/base"));
        Assert.True(project.Exists);
        Assert.Equal(["tool"], project.Candies.Names);
        Assert.False((await Loader.LoadAsync(remote)).Exists, "a folder of somebody's own is no project without a charly.yml");
    }

    [Fact]
    public async Task A_fetched_version_is_kept_until_it_is_pulled()
    {
        var remote = Publish("acme/base", Version, "tool");
        Write("charly.yml", Version + "import: [{base: \"@code.example.org/acme/base:main\"}]\n");
        Assert.Equal(["tool"], (await LoadAsync()).Namespaces["base"].Candies.Names);
        AddCandy(remote, "second");
        Assert.Equal(["tool"], (await LoadAsync()).Namespaces["base"].Candies.Names);
        Assert.Equal(["second", "tool"], (await Loader.LoadAsync(Folder, pull: true)).Namespaces["base"].Candies.Names);
    }

    [Fact]
    public async Task A_candy_of_a_remote_repository_needs_a_version()
    {
        var remote = Publish("acme/base", Version);
        File.WriteAllText(Path.Combine(Directory.CreateDirectory(Path.Combine(remote, "candy/bare")).FullName, "charly.yml"), "candy: {name: bare, package: [x]}\n");
        Commit(remote);
        Write("charly.yml", Version + "import: [{base: \"@code.example.org/acme/base:\"}]\n");
        var project = await LoadAsync();
        var error = Assert.ThrowsAny<CharlyException>(() => project.Namespaces["base"].Candies.Find("bare"));
        Assert.Equal(Errors.CandyVersion, error.Code);
        WriteCandy("bare");
        File.WriteAllText(Path.Combine(Folder, "candy/bare/charly.yml"), "candy: {name: bare, package: [x]}\n");
        Assert.Empty((await LoadAsync()).Candies.Find("bare")!.Version);
    }

    [Theory]
    [InlineData("https://code.example.org/acme/shop.git", "code.example.org/acme/shop")]
    [InlineData("git@code.example.org:acme/shop.git", "code.example.org/acme/shop")]
    [InlineData("ssh://git@code.example.org/acme/shop", "code.example.org/acme/shop")]
    [InlineData("code.example.org/acme/shop@v1", "code.example.org/acme/shop")]
    [InlineData("acme/shop", "github.com/acme/shop")]
    public void Spellings_of_a_repository_are_one(string spelling, string identity) => Assert.Equal(identity, RepositoryId.Normalise(spelling));

    [Fact]
    public async Task An_entity_without_a_name_is_called_like_its_folder()
    {
        Write("charly.yml", Version);
        Write("box/shop/charly.yml", "box:\n  distro: debian\n  build: deb\n  candy: [nginx]\n");
        Write("box/many/charly.yml", "box:\n  one: {distro: debian}\n  two: {distro: debian}\n");
        Assert.Equal(["one", "shop", "two"], (await LoadAsync()).Boxes.Names);
    }

    [Fact]
    public async Task Folders_that_links_lead_to_are_walked_once()
    {
        Write("charly.yml", Version);
        WriteCandy("a");
        Directory.CreateSymbolicLink(Path.Combine(Folder, "candy/again"), Path.Combine(Folder, "candy"));
        Directory.CreateSymbolicLink(Path.Combine(Folder, "candy/a/up"), Folder);
        Assert.Equal(["a"], (await LoadAsync()).Candies.Names);
    }

    [Fact]
    public async Task The_same_unknown_key_in_many_entries_of_a_file_is_one_warning()
    {
        Write("charly.yml", Version + "deploy:\n  a: {target: local, colour: red}\n  b: {target: local, colour: blue}\n  c: {target: local, size: 1}\n");
        Assert.Equal(["charly.yml:3:22", "charly.yml:5:22"], (await LoadAsync()).Warnings.Select(w => w.Position!.ToString()));
    }

    [Theory]
    [InlineData("/dev/zero")]
    [InlineData("/dev/full")]
    public async Task A_manifest_that_is_a_device_is_empty_and_not_endless(string device)
    {
        Write("charly.yml", Version);
        Directory.CreateDirectory(Path.Combine(Folder, "candy/odd"));
        File.CreateSymbolicLink(Path.Combine(Folder, "candy/odd/charly.yml"), device);
        Assert.Equal(Errors.CfgDocument, (await LoadFailsAsync()).Code);
    }

    [Fact]
    public async Task A_manifest_that_is_a_pipe_is_empty_and_is_not_waited_for()
    {
        Write("charly.yml", Version);
        Directory.CreateDirectory(Path.Combine(Folder, "candy/odd"));
        Start("mkfifo", Folder, Path.Combine(Folder, "candy/odd/charly.yml"));
        Assert.Equal(Errors.CfgDocument, (await LoadFailsAsync()).Code);
    }

    [Fact]
    public async Task A_file_beside_the_root_file_can_be_mounted_as_well()
    {
        Write("charly.yml", Version + "import: [{lab: lab.yml}, {more: sub/more.yml}]\n");
        Write("lab.yml", "local:\n  bench: {candy: [own]}\nimport: [deeper.yml]\n");
        Write("deeper.yml", "local:\n  deep: {candy: []}\n");
        Write("sub/more.yml", "candy:\n  extra: {version: 2026.150.0900, package: [x]}\ndiscover: [found]\n");
        Write("sub/found/one/charly.yml", "candy: {name: one, version: 2026.150.0900, package: [y]}\n");
        WriteCandy("own");
        var project = await LoadAsync();
        Assert.Equal(["own"], project.Candies.Names);
        Assert.Empty(project.LocalTemplates.Names);
        Assert.Equal(["bench", "deep"], project.Namespaces["lab"].LocalTemplates.Names);
        Assert.Empty(project.Namespaces["lab"].Candies.Names);
        Assert.Equal(["extra", "one"], project.Namespaces["more"].Candies.Names);
    }

    [Fact]
    public async Task A_folder_of_a_repository_that_it_imports_itself_is_of_that_repository()
    {
        var remote = Publish("acme/base", Version + "import: [{own: sub}]\n");
        Directory.CreateDirectory(Path.Combine(remote, "sub"));
        File.WriteAllText(Path.Combine(remote, "sub/charly.yml"), Version + "import: [{up: ..}]\n");
        AddCandy(Path.Combine(remote, "sub"), "tool");
        Commit(remote);
        Write("charly.yml", Version + "import: [{base: \"@code.example.org/acme/base:\"}]\n");
        var project = await LoadAsync();
        var tool = project.Qualify("base.own.tool").Project.Candies.Find("tool")!;
        Assert.Equal("code.example.org/acme/base@", tool.Repository);
        Assert.Same(project.Namespaces["base"], project.Namespaces["base"].Namespaces["own"].Namespaces["up"]);
    }

    [Fact]
    public async Task What_a_flat_import_brings_finds_its_own_requirements_first()
    {
        var remote = Publish("acme/base", Version, "helper");
        AddCandy(remote, "tool", ", require: [helper, mine]");
        Write("charly.yml", Version + "import: [\"@code.example.org/acme/base:\"]\n");
        WriteCandy("helper", "package: [wrong]");
        WriteCandy("mine");
        var project = await LoadAsync();
        var resolver = new ReferenceResolver(Machine, Loader);
        var tool = project.Candies.Find("tool")!;
        Assert.Equal(["helper"], (await resolver.ResolveMemberAsync(project, tool, tool.Require[0])).Packages);
        Assert.Equal(["curl"], (await resolver.ResolveMemberAsync(project, tool, tool.Require[1])).Packages);
    }

    [Fact]
    public async Task A_namespace_gives_its_distributions_to_the_project_but_not_its_builders()
    {
        Write("charly.yml", Version + "import: [{base: base}]\ndistro:\n  alpha: {format: deb}\n");
        Write("base/charly.yml", Version + "distro:\n  alpha: {format: rpm}\n  beta: {format: rpm}\ninit:\n  tiny: {candy: tiny}\nbuilder:\n  make: {box: maker}\n");
        var project = await LoadAsync();
        Assert.Equal(["alpha", "beta"], project.Entities("distro").Keys);
        Assert.Equal("deb", project.Entities("distro")["alpha"]["format"]!.Description.Trim('"'));
        Assert.Equal(["tiny"], project.Entities("init").Keys);
        Assert.Empty(project.Entities("builder"));
    }

    [Fact]
    public async Task Discovery_goes_as_deep_as_its_rule_says_and_leaves_hidden_folders_alone()
    {
        Write("charly.yml", Version + "discover: [{path: parts, recursive: false}, {path: others, manifest: candy.yml}, absent, {path: deep}]\n");
        foreach (var (file, name) in new[] { ("parts/a/charly.yml", "a"), ("parts/b/c/charly.yml", "c"), ("others/d/candy.yml", "d"), ("others/e/charly.yml", "e"), ("deep/f/g/charly.yml", "g"), ("deep/.build/h/charly.yml", "h"), ("deep/.git/i/charly.yml", "i") })
        {
            Write(file, $"candy: {{name: {name}, version: 2026.150.0900, package: [x]}}\n");
        }

        Assert.Equal(["a", "d", "g"], (await LoadAsync()).Candies.Names);
    }

    [Fact]
    public async Task What_is_declared_wins_over_what_is_found_and_two_that_are_found_are_an_error_naming_both()
    {
        Write("charly.yml", Version + "discover: [one, two]\ncandy:\n  a: {version: 2026.150.0900, package: [declared]}\n");
        Write("one/a/charly.yml", "candy: {name: a, version: 2026.150.0900, package: [found]}\n");
        Assert.Equal(["declared"], (await LoadAsync()).Candies.Find("a")!.Packages);
        Write("one/b/charly.yml", "candy: {name: b, version: 2026.150.0900, package: [x]}\n");
        Write("two/b/charly.yml", "candy: {name: b, version: 2026.150.0900, package: [y]}\n");
        var error = await LoadFailsAsync();
        Assert.Contains("one/b/charly.yml", error.Message, StringComparison.Ordinal);
        Assert.Equal("two/b/charly.yml", error.Position!.File);
    }
}
