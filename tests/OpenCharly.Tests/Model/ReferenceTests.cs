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
}
