using OpenCharly.Execution;
using OpenCharly.Foundation;
using OpenCharly.Model;
using OpenCharly.Yaml;

namespace OpenCharly.Tests.Model;

public sealed class ReferenceTests : ProjectFixture
{
    private const string Version = "version: 2026.163.0928\n";

    private async Task<ResolvedReference> ResolveAsync(string reference, RefPrefer prefer = RefPrefer.Box, bool pull = false) =>
        await new ReferenceResolver(Machine, Loader).ResolveAsync(await LoadAsync(), reference, prefer, pull);

    private async Task<CharlyException> FailsAsync(string reference, RefPrefer prefer = RefPrefer.Box) =>
        await Assert.ThrowsAnyAsync<CharlyException>(() => ResolveAsync(reference, prefer));

    private async Task GitAsync(string folder, params string[] arguments)
    {
        var result = await new ProcessRunner(Machine).RunAsync(new ProcessRequest("git", ["-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "init.defaultBranch=trunk", .. arguments]) { WorkingDirectory = folder });
        Assert.True(result.Succeeded, result.StandardError);
    }

    // A remote repository with two candies, one of which requires the other, served over file://.
    private async Task<string> RemoteAsync()
    {
        var work = Path.Combine(Root, "remote", "code.example.org", "acme", "candies");
        Directory.CreateDirectory(work);
        await GitAsync(work, "init", "--quiet");
        Write("../remote/code.example.org/acme/candies/charly.yml", Version);
        Write("../remote/code.example.org/acme/candies/candy/tool/charly.yml", "candy: {name: tool, version: 2026.001.0000, require: [helper, local-one]}\n");
        Write("../remote/code.example.org/acme/candies/candy/helper/charly.yml", "candy: {name: helper, version: 2026.001.0000, package: [x]}\n");
        Write("../remote/code.example.org/acme/candies/box/shop/charly.yml", "box: {name: shop, candy: [tool]}\n");
        await GitAsync(work, "add", "-A");
        await GitAsync(work, "commit", "--quiet", "-m", "one");
        await GitAsync(work, "tag", "-a", "v1", "-m", "one");
        Variables["CHARLY_REPO_URL_BASE"] = "file://" + Path.Combine(Root, "remote");
        return work;
    }

    [Theory]
    [InlineData("@code.example.org/acme/candies/candy/tool:v1", typeof(RemoteReference))]
    [InlineData("github.com/acme/candies@v1", typeof(RemoteReference))]
    [InlineData("codeberg.org/acme/candies/box/shop", typeof(RemoteReference))]
    [InlineData("./x", typeof(PathReference))]
    [InlineData("~/x", typeof(PathReference))]
    [InlineData("x.yml", typeof(PathReference))]
    [InlineData("nginx", typeof(NameReference))]
    [InlineData("ns.nginx", typeof(NameReference))]
    public void The_form_decides_what_a_reference_is(string text, Type expected) => Assert.IsType(expected, Reference.Parse(text));

    [Theory]
    [InlineData("", "REF001")]
    [InlineData(" ", "REF001")]
    [InlineData("@code.example.org/acme", "REF003")]
    [InlineData("@code.example.org/acme/candies", "REF003")]
    [InlineData("github.com/acme", "REF003")]
    [InlineData("github.com/../../etc", "REF003")]
    [InlineData("github.com/acme/candies@--upload-pack=x", "REF003")]
    [InlineData("github.com/acme/candies@../../x", "REF003")]
    [InlineData("github.com/acme/can dies", "REF003")]
    public void A_malformed_reference_is_refused(string text, string code) =>
        Assert.Equal(code, Assert.Throws<CharlyException>(() => Reference.Parse(text)).Code.Id);

    [Fact]
    public async Task A_name_of_both_means_the_box_or_to_be_added_the_candy()
    {
        Write("charly.yml", Version + "box: {both: {candy: [both]}, only-box: {}}\n");
        WriteCandy("both");
        Assert.IsType<ResolvedBox>(await ResolveAsync("both"));
        Assert.IsType<ResolvedCandy>(await ResolveAsync("both", RefPrefer.Candy));
        Assert.Equal(Errors.RefKind, (await FailsAsync("only-box", RefPrefer.Candy)).Code);
    }

    [Fact]
    public async Task A_missing_name_is_answered_with_the_nearest()
    {
        Write("charly.yml", Version);
        WriteCandy("nginx");
        var error = await FailsAsync("ngnix");
        Assert.Equal(Errors.RefNotFound, error.Code);
        Assert.Equal("Did you mean \"nginx\"?", error.Help);
        Assert.Equal(Errors.RefNamespace, (await FailsAsync("ns.nginx")).Code);
    }

    [Fact]
    public async Task A_path_works_without_a_project_and_with_or_without_a_wrapper()
    {
        Write("lone/charly.yml", "candy: {package: [x]}\n");
        Write("flat.yml", "package: [x]\nname: flat\n");
        Write("boxed.yml", "base: other\ncandy: [a]\n");
        Write("neither.yml", "something: 1\n");
        Assert.Equal("lone", Assert.IsType<ResolvedCandy>(await ResolveAsync("./lone")).Candy.Name);
        Assert.Equal("flat", Assert.IsType<ResolvedCandy>(await ResolveAsync("flat.yml")).Candy.Name);
        Assert.IsType<ResolvedBox>(await ResolveAsync("./boxed.yml"));
        Write("rich.yml", "base: other\ncandy: [a]\ndistro: [debian]\nenv: [A=b]\ndescription: {feature: f}\n");
        Write("both.yml", "base: other\npackage: [a]\n");
        Write("both2.yml", "base: other\ndistro: {debian: {package: [a]}}\n");
        Assert.IsType<ResolvedBox>(await ResolveAsync("./rich.yml"));
        Assert.Contains("both a box and a candy", (await FailsAsync("./both.yml")).Message, StringComparison.Ordinal);
        Assert.Contains("both a box and a candy", (await FailsAsync("./both2.yml")).Message, StringComparison.Ordinal);
        Assert.Equal(Errors.RefPath, (await FailsAsync("./neither.yml")).Code);
        Assert.Equal(Errors.RefPath, (await FailsAsync("./missing")).Code);
    }

    [Fact]
    public async Task A_remote_candy_finds_what_it_requires_at_home_first_and_then_here()
    {
        await RemoteAsync();
        Write("charly.yml", Version);
        WriteCandy("local-one");
        WriteCandy("helper", "package: [wrong]");
        var project = await LoadAsync();
        var resolver = new ReferenceResolver(Machine, Loader);
        var tool = Assert.IsType<ResolvedCandy>(await resolver.ResolveAsync(project, "@code.example.org/acme/candies/candy/tool:v1", RefPrefer.Candy)).Candy;
        Assert.Equal("code.example.org/acme/candies@v1", tool.Repository);
        Assert.Equal(["x"], (await resolver.ResolveMemberAsync(project, tool, tool.Require[0])).Packages);
        Assert.Null((await resolver.ResolveMemberAsync(project, tool, tool.Require[1])).Repository);
        var missing = await Assert.ThrowsAnyAsync<CharlyException>(() => resolver.ResolveMemberAsync(project, tool, new SourcedText("helpr", tool.Position)));
        Assert.Equal(Errors.CandyMember, missing.Code);
    }

    [Fact]
    public async Task A_remote_version_is_kept_until_it_is_pulled()
    {
        var work = await RemoteAsync();
        Write("charly.yml", Version);
        Assert.Equal("2026.001.0000", Assert.IsType<ResolvedCandy>(await ResolveAsync("@code.example.org/acme/candies/candy/helper:")).Candy.Version);
        Write("../remote/code.example.org/acme/candies/candy/helper/charly.yml", "candy: {name: helper, version: 2026.002.0000, package: [x]}\n");
        await GitAsync(work, "commit", "--quiet", "-a", "-m", "two");
        Assert.Equal("2026.001.0000", Assert.IsType<ResolvedCandy>(await ResolveAsync("@code.example.org/acme/candies/candy/helper:")).Candy.Version);
        Assert.Equal("2026.002.0000", Assert.IsType<ResolvedCandy>(await ResolveAsync("@code.example.org/acme/candies/candy/helper:", pull: true)).Candy.Version);
        Assert.Equal("2026.001.0000", Assert.IsType<ResolvedCandy>(await ResolveAsync("@code.example.org/acme/candies/candy/helper:v1")).Candy.Version);
        Assert.False(Directory.Exists(Path.Combine(Root, ".cache", "charly", "repos", "code.example.org", "acme", "candies@v1", ".git")));
    }

    [Fact]
    public async Task A_bare_remote_repository_means_its_only_box()
    {
        await RemoteAsync();
        Write("charly.yml", Version);
        Assert.Equal("shop", Assert.IsType<ResolvedBox>(await ResolveAsync("@code.example.org/acme/candies:trunk")).Box.Name);
        Assert.Equal("shop", Assert.IsType<ResolvedBox>(await ResolveAsync("@code.example.org/acme/candies/some/where/shop:v1")).Box.Name);
        Assert.Equal(Errors.RefSubPath, (await FailsAsync("@code.example.org/acme/candies/candy/nope:v1")).Code);
        Assert.Equal(Errors.RefFetch, (await FailsAsync("@code.example.org/acme/candies:v9")).Code);
        Assert.Equal(Errors.RefFetch, (await FailsAsync("@code.example.org/acme/nothing:v1")).Code);
    }

    [Fact]
    public async Task A_link_out_of_a_remote_repository_is_refused()
    {
        var work = await RemoteAsync();
        File.CreateSymbolicLink(Path.Combine(work, "candy", "helper", "key"), "/etc/hostname");
        await GitAsync(work, "add", "-A");
        await GitAsync(work, "commit", "--quiet", "-m", "link");
        Write("charly.yml", Version);
        Assert.Contains("candy/helper/key", (await FailsAsync("@code.example.org/acme/candies/candy/helper:")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_override_replaces_a_repository_whatever_the_version()
    {
        var folder = Path.Combine(Root, "copy");
        Write("../copy/charly.yml", Version);
        Write("../copy/candy/tool/charly.yml", "candy: {name: tool, version: 2026.150.0900, package: [y]}\n");
        Write("charly.yml", Version);
        Variables["CHARLY_REPO_OVERRIDE"] = $"code.example.org/acme/candies={folder}";
        Assert.Equal(["y"], Assert.IsType<ResolvedCandy>(await ResolveAsync("@code.example.org/acme/candies/candy/tool:v7")).Candy.Packages);
        Variables["CHARLY_REPO_OVERRIDE"] = "code.example.org/acme";
        Assert.Equal(Errors.CfgRepoOverride, (await FailsAsync("@code.example.org/acme/candies/candy/tool:v7")).Code);
        Variables["CHARLY_REPO_OVERRIDE"] = "code.example.org/acme/candies=/not/there";
        Assert.Equal(Errors.CfgRepoOverride, (await FailsAsync("@code.example.org/acme/candies/candy/tool:v7")).Code);
    }

    [Fact]
    public async Task A_path_candy_of_another_project_finds_what_it_names_there_first_and_then_here()
    {
        Write("charly.yml", Version);
        WriteCandy("helper", "package: [wrong]");
        WriteCandy("ours");
        Write("../other/charly.yml", Version);
        Write("../other/candy/tool/charly.yml", "candy: {name: tool, version: 2026.001.0000, require: [helper, only-there, ours], package: [t]}\n");
        Write("../other/candy/helper/charly.yml", "candy: {name: helper, version: 2026.001.0000, package: [right]}\n");
        Write("../other/candy/only-there/charly.yml", "candy: {name: only-there, version: 2026.001.0000, require: [helper], package: [x]}\n");
        var project = await LoadAsync();
        var resolver = new ReferenceResolver(Machine, Loader);
        var tool = Assert.IsType<ResolvedCandy>(await resolver.ResolveAsync(project, "../other/candy/tool", RefPrefer.Candy)).Candy;
        Assert.Equal(Path.Combine(Root, "other"), tool.ProjectFolder);
        Assert.Equal(["right"], (await resolver.ResolveMemberAsync(project, tool, tool.Require[0])).Packages);
        var there = await resolver.ResolveMemberAsync(project, tool, tool.Require[1]);
        Assert.Equal(["right"], (await resolver.ResolveMemberAsync(project, there, there.Require[0])).Packages);
        Assert.Equal(Folder, (await resolver.ResolveMemberAsync(project, tool, tool.Require[2])).ProjectFolder);
    }

    [Fact]
    public async Task A_path_box_of_another_project_has_its_candies_there()
    {
        Write("charly.yml", Version);
        Write("../other/charly.yml", Version);
        Write("../other/box/shop/charly.yml", "box: {name: shop, base: x, candy: [tool]}\n");
        Assert.Equal(Path.Combine(Root, "other"), Assert.IsType<ResolvedBox>(await ResolveAsync("../other/box/shop")).Project.Folder);
    }

    [Fact]
    public async Task A_path_candy_that_lies_in_no_project_belongs_to_the_current_one()
    {
        Write("charly.yml", Version);
        WriteCandy("helper");
        Write("../lone/charly.yml", "candy: {name: lone, require: [helper], package: [x]}\n");
        var project = await LoadAsync();
        var resolver = new ReferenceResolver(Machine, Loader);
        var lone = Assert.IsType<ResolvedCandy>(await resolver.ResolveAsync(project, "../lone", RefPrefer.Candy)).Candy;
        Assert.Equal("helper", (await resolver.ResolveMemberAsync(project, lone, lone.Require[0])).Name);
    }

    [Theory]
    [InlineData("candy: {name: a, package: [x]}\n---\ncandy: {name: b, package: [y]}\n", "candy a, candy b")]
    [InlineData("candy:\n  a: {package: [x]}\n  b: {package: [y]}\n", "candy a, candy b")]
    [InlineData("candy: {name: a, package: [x]}\n---\nbox: {name: b, base: x}\n", "candy a, box b")]
    public async Task A_path_to_several_entities_is_refused_with_their_names(string text, string names)
    {
        Write("charly.yml", Version);
        Write("many.yml", text);
        var error = await FailsAsync("./many.yml");
        Assert.Equal((Errors.RefPath, true), (error.Code, error.Message.EndsWith($"holds several entities: {names}", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_path_to_a_map_of_one_candy_means_that_one()
    {
        Write("charly.yml", Version);
        Write("one.yml", "candy:\n  only: {package: [x]}\n");
        var candy = Assert.IsType<ResolvedCandy>(await ResolveAsync("./one.yml")).Candy;
        Assert.Equal(("only", "x"), (candy.Name, candy.Packages[0]));
    }

    [Fact]
    public async Task A_key_beside_the_candy_of_a_path_is_told()
    {
        Write("charly.yml", Version);
        Write("beside.yml", "candy: {name: beside, package: [x]}\ntask: []\n");
        var error = await FailsAsync("./beside.yml");
        Assert.Equal((Errors.CfgAmbiguous, "beside.yml:2:1"), (error.Code, error.Position!.ToString()));
    }

    [Fact]
    public async Task A_repository_without_a_root_file_is_a_folder_of_candies_and_boxes()
    {
        var work = await RemoteAsync();
        File.Delete(Path.Combine(work, "charly.yml"));
        await GitAsync(work, "commit", "--quiet", "-a", "-m", "no root file");
        Write("charly.yml", Version + "import: [{theirs: \"@code.example.org/acme/candies:\"}]\n");
        WriteCandy("local-one");
        var project = await LoadAsync();
        var resolver = new ReferenceResolver(Machine, Loader);
        var tool = Assert.IsType<ResolvedCandy>(await resolver.ResolveAsync(project, "@code.example.org/acme/candies/candy/tool:", RefPrefer.Candy)).Candy;
        Assert.Equal(["x"], (await resolver.ResolveMemberAsync(project, tool, tool.Require[0])).Packages);
        Assert.Equal("shop", Assert.IsType<ResolvedBox>(await resolver.ResolveAsync(project, "@code.example.org/acme/candies:", RefPrefer.Box)).Box.Name);
        Assert.Equal("helper", Assert.IsType<ResolvedCandy>(await resolver.ResolveAsync(project, "theirs.helper", RefPrefer.Candy)).Candy.Name);
    }

    [Fact]
    public async Task A_repository_with_nothing_of_charly_in_it_says_what_it_lacks()
    {
        var work = await RemoteAsync();
        File.Delete(Path.Combine(work, "charly.yml"));
        Directory.Delete(Path.Combine(work, "candy"), recursive: true);
        Directory.Delete(Path.Combine(work, "box"), recursive: true);
        await GitAsync(work, "commit", "--quiet", "-a", "-m", "nothing");
        Write("charly.yml", Version);
        var error = await FailsAsync("@code.example.org/acme/candies/candy/tool:");
        Assert.Equal(Errors.RefSubPath, error.Code);
        Assert.Contains("holds neither a charly.yml nor candies or boxes", error.Message, StringComparison.Ordinal);
        Assert.Contains("candy/NAME/charly.yml", error.Help, StringComparison.Ordinal);
    }
}
