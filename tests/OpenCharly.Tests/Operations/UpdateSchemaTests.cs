using OpenCharly.Foundation;
using OpenCharly.Operations;
using OpenCharly.Tests.Cli;
using OpenCharly.Tests.Model;

namespace OpenCharly.Tests.Operations;

/// <summary><c>charly migrate</c> (deploy.md §14, §1.3; candy-and-plan.md §1.7).</summary>
public sealed class UpdateSchemaTests : ProjectFixture
{
    private const string Current = "version: 2026.163.0928\n";

    private UpdateSchema Operation => new(new CharlyContext(Machine, projectFolder: Folder));

    [Fact]
    public void A_dry_run_over_the_whole_catalog_finds_the_one_file_that_is_made_old_and_changes_nothing()
    {
        if (Catalog.IsAbsent()) return;
        File.Copy(Path.Combine(Catalog.Folder!, "charly.yml"), Path.Combine(Folder, "charly.yml"));
        foreach (var path in Catalog.Manifests) Write($"candy/{Path.GetFileName(Path.GetDirectoryName(path))}/charly.yml", File.ReadAllText(path));
        var manifest = Catalog.Manifests.First(m => !File.ReadAllText(m).Contains("require:", StringComparison.Ordinal) && File.ReadAllText(m).Contains("\n    version:", StringComparison.Ordinal));
        var old = Path.Combine(Folder, "candy", Path.GetFileName(Path.GetDirectoryName(manifest))!, "charly.yml");
        var text = File.ReadAllText(old);
        text = text.Insert(text.IndexOf("\n    version:", StringComparison.Ordinal), "\n    requires: []");
        File.WriteAllText(old, text);
        var update = Operation.Plan();
        Assert.Equal([old], update.Files.Select(f => f.File));
        Assert.Empty(update.Left);
        Assert.Equal(text, File.ReadAllText(old));
    }

    [Theory]
    [InlineData("deploy:\n  a: {target: host} # why\n", "deploy:\n  a: {target: local} # why\n")]
    [InlineData("deployments:\n  # above\n  a:\n    target: container # why\n    image: shop\n", "deploy:\n  # above\n  a:\n    target: pod # why\n    box: shop\n")]
    [InlineData("deploy:\n  shop/blue:\n    port: [\"80:80\"]\n", "deploy:\n  shop/blue:\n    port: [\"80:80\"]\n    box: shop\n")]
    [InlineData("deploy:\n  a:\n    target: pod\n    box: b\n    nested:\n      c:\n        target: kubernetes\n", "deploy:\n  a:\n    target: pod\n    box: b\n    nested:\n      c:\n        target: k8s\n")]
    [InlineData("images:\n  shop:\n    base: debian:13\n    layers: [a] # first\n    tags: [x]\n", "box:\n  shop:\n    base: debian:13\n    candy: [a] # first\n    tag: [x]\n")]
    [InlineData("layers:\n  a:\n    version: 2026.150.0900\n    # needed\n    depends: [b]\n    tasks: []\n", "candy:\n  a:\n    version: 2026.150.0900\n    # needed\n    require: [b]\n    task: []\n")]
    [InlineData("candy:\n  a:\n    version: 2026.150.0900\n    description: Words\n    rpm:\n      package: [x]\n", "candy:\n  a:\n    version: 2026.150.0900\n    description:\n      feature: Words\n    distro:\n      rpm:\n        package:\n          - x\n")]
    [InlineData("candy:\n  a:\n    info: Words # why\n    localpkg: pkg\n", "candy:\n  a:\n    description: # why\n      feature: Words\n    localpkg:\n      pac: pkg\n    version: 2026.163.0928\n")]
    [InlineData("# top\nkind: candy\nname: a\nversion: 2026.150.0900\n# below\npackage:\n- x # why\n", "# top\ncandy:\n  name: a\n  version: 2026.150.0900\n  # below\n  package:\n  - x # why\n")]
    public void Old_spellings_become_new_ones_and_nothing_else_changes(string old, string now)
    {
        Write("charly.yml", Current + "import: [more.yml]\n");
        Write("more.yml", old);
        var update = Operation.Plan();
        Assert.Equal(now, Assert.Single(update.Files).Text);
        Assert.Empty(update.Left);
        Assert.Equal(old, File.ReadAllText(Path.Combine(Folder, "more.yml")));
    }

    [Fact]
    public async Task A_project_that_was_refused_loads_after_migration()
    {
        Write("charly.yml", "# ours\ndeploys:\n  host: {target: host, add_candy: [demo]}\n");
        Write("candy/demo/charly.yml", "# a candy\nname: demo\nversion: 2026.150.0900\npackages: [curl] # small\n");
        await LoadFailsAsync();
        await Operation.ApplyAsync(Operation.Plan().Files);
        var project = await LoadAsync();
        Assert.Equal(["curl"], project.Candies.Find("demo")!.Packages);
        Assert.Equal("# a candy\ncandy:\n  name: demo\n  version: 2026.150.0900\n  package: [curl] # small\n", await File.ReadAllTextAsync(Path.Combine(Folder, "candy/demo/charly.yml")));
        Assert.Empty(Operation.Plan().Files);
    }

    [Fact]
    public void What_is_current_is_not_touched()
    {
        Write("charly.yml", Current + "deploy:\n  a:   {box: b}   # as it was\n");
        WriteCandy("demo");
        WriteHost(Current + "deploy:\n  web: {tunnel: {}}\n");
        var update = Operation.Plan();
        Assert.Empty(update.Files);
        Assert.Empty(update.Left);
    }

    [Fact]
    public async Task Each_changed_file_is_copied_first_with_the_time_in_its_name()
    {
        var file = Write("charly.yml", "version: 2026.144.1443\n");
        File.SetUnixFileMode(file, AtomicFile.Private);
        var change = Assert.Single(await Operation.ApplyAsync(Operation.Plan().Files));
        Assert.Matches(@"/charly\.yml\.bak\.[0-9]{10}\z", change.Backup);
        Assert.Equal("version: 2026.144.1443\n", await File.ReadAllTextAsync(change.Backup!));
        Assert.Equal(Current, await File.ReadAllTextAsync(file));
        Assert.Equal(AtomicFile.Private, File.GetUnixFileMode(file));
        Assert.Equal(AtomicFile.Private, File.GetUnixFileMode(change.Backup!));
    }

    [Fact]
    public async Task The_old_per_host_file_becomes_the_new_one()
    {
        WriteHost("image:\n  shop/blue: {}\n");
        var now = new HostPaths(Machine).HostFile;
        var old = Path.Combine(Path.GetDirectoryName(now)!, "deploy.yml");
        File.Move(now, old);
        var change = Assert.Single(await Operation.ApplyAsync(Operation.Plan().Files));
        Assert.Equal((old, now), (change.File, change.NewFile));
        Assert.False(File.Exists(old));
        Assert.Contains("shop/blue:\n    box: shop\n", await File.ReadAllTextAsync(now), StringComparison.Ordinal);
        Assert.Equal(AtomicFile.Private, File.GetUnixFileMode(now));
        Assert.True(File.Exists(change.Backup));
    }

    [Fact]
    public void An_entry_of_the_per_host_file_gets_no_box_where_the_project_has_the_entry()
    {
        Write("charly.yml", Current + "deploy:\n  web: {box: shop}\n");
        WriteHost("deploy:\n  web: {tunnel: {}}\n");
        Assert.Empty(Operation.Plan().Files);
    }

    [Fact]
    public async Task A_failure_leaves_every_file_as_it_was()
    {
        var first = Write("charly.yml", "version: 2026.144.1443\n");
        var second = Write("candy/demo/charly.yml", "name: demo\npackages: [curl]\n");
        var files = Operation.Plan().Files;
        Assert.Equal(2, files.Count);
        await File.WriteAllTextAsync(second, "name: demo # changed meanwhile\n");
        var error = await Assert.ThrowsAsync<CharlyException>(() => Operation.ApplyAsync(files));
        Assert.Equal(Errors.Io, error.Code);
        Assert.Contains(second, error.Message, StringComparison.Ordinal);
        Assert.Equal("version: 2026.144.1443\n", await File.ReadAllTextAsync(first));
        Assert.Equal("name: demo # changed meanwhile\n", await File.ReadAllTextAsync(second));
        Assert.Empty(Directory.GetFiles(Folder, "*.bak.*", SearchOption.AllDirectories));
    }

    [Theory]
    [InlineData("deploy:\n  qc: {target: local}\n", "charly.yml:3:3", "the name qc of a deployment is retired")]
    [InlineData("deploy:\n  a: {box: b, bind_mounts: [{name: x, encrypted: true}]}\n", "charly.yml:3:15", "bind_mounts became volume")]
    [InlineData("local:\n  a: {candy: [], image: x}\n", "charly.yml:3:18", "local.a.image became the box of a deploy entry")]
    [InlineData("box:\n  a: {libvirt: {}}\n", "charly.yml:3:7", "box.a.libvirt became the vm: map")]
    [InlineData("candy:\n  a:\n    version: 2026.150.0900\n    require: []\n    requires: [x]\n", "charly.yml:6:5", "stands beside")]
    [InlineData("candy:\n  a:\n    version: 2026.150.0900\n    rpm: # why\n      package: [x]\n", "charly.yml:5:5", "comments of \"rpm\" would be lost")]
    public void What_only_people_can_decide_is_left_and_told(string body, string place, string message)
    {
        Write("charly.yml", Current + body);
        var update = Operation.Plan();
        Assert.Empty(update.Files);
        var left = Assert.Single(update.Left);
        Assert.Equal(Errors.CfgLegacy, left.Code);
        Assert.EndsWith(place, left.Position!.ToString(), StringComparison.Ordinal);
        Assert.Contains(message, left.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_newer_than_the_program_is_an_error()
    {
        Write("charly.yml", "version: 2031.001.0000\n");
        Assert.Equal(Errors.CfgVersion, Assert.Throws<CharlyException>(() => Operation.Plan()).Code);
    }

    [Fact]
    public async Task The_command_tells_changes_and_a_dry_run_makes_none()
    {
        using var run = new CommandRun();
        var file = Path.Combine(run.Home, "charly.yml");
        await File.WriteAllTextAsync(file, "version: 2026.144.1443\ndeploys: {}\n");
        Assert.Equal(0, await run.RunAsync("migrate", "--dry-run"));
        Assert.Equal($"{file} would change\n  deploys renamed to deploy\n  version set to 2026.163.0928\n", run.Output);
        Assert.Equal("version: 2026.144.1443\ndeploys: {}\n", await File.ReadAllTextAsync(file));
        Assert.Equal(0, await run.RunAsync("migrate"));
        Assert.Equal("version: 2026.163.0928\ndeploy: {}\n", await File.ReadAllTextAsync(file));
        using var again = new CommandRun();
        Assert.Equal(0, await again.RunAsync("-C", run.Home, "migrate"));
        Assert.Equal("all files are current\n", again.Output);
        await File.WriteAllTextAsync(file, Current + "deploy:\n  qc: {target: local}\n");
        Assert.Equal(1, await again.RunAsync("-C", run.Home, "migrate", "--json"));
    }
}
