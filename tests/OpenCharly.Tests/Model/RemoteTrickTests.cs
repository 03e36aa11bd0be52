using OpenCharly.Foundation;
using OpenCharly.Model;

namespace OpenCharly.Tests.Model;

/// <summary>What a foreign repository must not do: reach files of the operator, or keep the loader busy for ever.</summary>
public sealed class RemoteTrickTests : RemoteFixture
{
    [Theory]
    [InlineData("key", "/etc/hostname")]
    [InlineData("key", "../../../outside")]
    [InlineData("candy", "..")]
    public async Task A_link_out_of_a_repository_is_refused(string link, string target)
    {
        var remote = Publish("acme/base", Version);
        File.CreateSymbolicLink(Path.Combine(remote, link), target);
        Commit(remote);
        await RefusedAsync($"{link} is a link that leads out of the repository");
    }

    [Fact]
    public async Task A_link_that_leads_out_over_another_link_is_refused_although_its_text_stays_inside()
    {
        var remote = Publish("acme/base", Version, "tool");
        Directory.CreateDirectory(Path.Combine(remote, "deep/er/still"));
        File.WriteAllText(Path.Combine(remote, "deep/er/still/x"), "x");
        File.CreateSymbolicLink(Path.Combine(remote, "deep/er/still/up"), "../../../candy");
        File.CreateSymbolicLink(Path.Combine(remote, "sneaky"), "deep/er/still/up/../../outside");
        Commit(remote);
        await RefusedAsync("sneaky is a link that leads out of the repository");
    }

    [Fact]
    public async Task Links_that_go_in_circles_inside_of_a_repository_end()
    {
        var remote = Publish("acme/base", Version, "tool");
        foreach (var name in "abcdefgh") Directory.CreateSymbolicLink(Path.Combine(remote, "candy", $"{name}"), ".");
        Directory.CreateSymbolicLink(Path.Combine(remote, "candy/tool/home"), "../..");
        Commit(remote);
        Write("charly.yml", Version + "import: [{base: \"@code.example.org/acme/base:\"}]\n");
        Assert.Equal(["tool"], (await LoadAsync()).Namespaces["base"].Candies.Names);
    }

    [Theory]
    [InlineData("import: [../../../../../secret.yml]\n")]
    [InlineData("import: [{own: ../../../../../secret}]\n")]
    [InlineData("import: [/etc/passwd]\n")]
    [InlineData("discover: [../../../../..]\n")]
    [InlineData("discover: [{path: /}]\n")]
    public async Task A_repository_can_not_import_or_discover_what_lies_outside_of_it(string body)
    {
        Publish("acme/base", Version + body);
        Write("../secret.yml", "local:\n  secret: {candy: []}\n");
        Write("../secret/charly.yml", Version);
        Write("charly.yml", Version + "import: [{base: \"@code.example.org/acme/base:\"}]\n");
        var error = await LoadFailsAsync();
        Assert.Equal(Errors.CfgImport, error.Code);
        Assert.Contains("outside of the repository", error.Message, StringComparison.Ordinal);
        Assert.EndsWith("base@/charly.yml", error.Position!.File, StringComparison.Ordinal);
        Assert.Equal(2, error.Position.Line);
    }

    [Theory]
    [InlineData("../../../../../../../secret")]
    [InlineData("~/secret")]
    [InlineData("/etc")]
    public async Task A_candy_of_a_repository_can_not_require_what_lies_outside_of_it(string path)
    {
        var remote = Publish("acme/base", Version);
        AddCandy(remote, "tool", $", require: [\"{path}\"]");
        Write("../secret/charly.yml", "candy: {name: secret, version: 2026.150.0900, package: [x]}\n");
        Write("charly.yml", Version);
        var project = await LoadAsync();
        var resolver = new ReferenceResolver(Machine, Loader);
        var tool = ((ResolvedCandy)await resolver.ResolveAsync(project, "@code.example.org/acme/base/candy/tool:", RefPrefer.Candy)).Candy;
        var error = await Assert.ThrowsAnyAsync<CharlyException>(() => resolver.ResolveMemberAsync(project, tool, tool.Require[0]));
        Assert.Equal(Errors.RefPath, error.Code);
        Assert.Contains("outside of the repository", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_candy_that_another_of_its_repository_names_by_path_is_of_that_repository()
    {
        var remote = Publish("acme/base", Version, "helper");
        AddCandy(remote, "tool", ", require: [../helper]");
        Write("charly.yml", Version);
        var project = await LoadAsync();
        var resolver = new ReferenceResolver(Machine, Loader);
        var tool = ((ResolvedCandy)await resolver.ResolveAsync(project, "@code.example.org/acme/base/candy/tool:main", RefPrefer.Candy)).Candy;
        Assert.Equal("code.example.org/acme/base@main", (await resolver.ResolveMemberAsync(project, tool, tool.Require[0])).Repository);
    }

    private async Task RefusedAsync(string why)
    {
        Write("../outside", "mine\n");
        Write("charly.yml", Version + "import: [{base: \"@code.example.org/acme/base:\"}]\n");
        var error = await LoadFailsAsync();
        Assert.Equal(Errors.RefFetch, error.Code);
        Assert.Contains(why, error.Message, StringComparison.Ordinal);
        Assert.Equal(("charly.yml", 2, 17), (error.Position!.File, error.Position.Line, error.Position.Column));
        Assert.Empty(Directory.GetDirectories(Path.Combine(Root, ".cache/charly/repos/code.example.org/acme")));
    }
}
