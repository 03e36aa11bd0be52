using System.Diagnostics;
using OpenCharly.Foundation;
using OpenCharly.Model;

namespace OpenCharly.Tests.Model;

/// <summary>Projects that import each other, from folders and from repositories that real git serves over <c>file://</c>.</summary>
public sealed class ImportTests : ProjectFixture
{
    private const string Version = "version: 2026.163.0928\n";

    public ImportTests() => Variables["CHARLY_REPO_URL_BASE"] = "file://" + Path.Combine(Root, "remote");

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

    private string Publish(string repository, string manifest, params string[] candies)
    {
        var folder = Path.Combine(Root, "remote/code.example.org", repository);
        Directory.CreateDirectory(folder);
        Git(folder, "init", "--quiet", "--initial-branch=main");
        File.WriteAllText(Path.Combine(folder, "charly.yml"), manifest);
        foreach (var candy in candies) AddCandy(folder, candy);
        Commit(folder);
        return folder;
    }

    private void AddCandy(string folder, string name)
    {
        var file = Path.Combine(folder, "candy", name, "charly.yml");
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, $"candy: {{name: {name}, version: 2026.150.0900, package: [{name}]}}\n");
        Commit(folder);
    }

    private void Commit(string folder)
    {
        Git(folder, "add", ".");
        Git(folder, "-c", "user.name=a", "-c", "user.email=a@example.org", "commit", "--quiet", "--allow-empty", "-m", "x");
    }

    private void Git(string folder, params string[] arguments) => Start("git", folder, arguments);

    private void Start(string program, string folder, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { WorkingDirectory = folder, Environment = { ["HOME"] = Root, ["GIT_CONFIG_NOSYSTEM"] = "1" } })!;
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
    }
}
