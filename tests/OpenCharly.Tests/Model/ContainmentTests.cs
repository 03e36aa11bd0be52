using OpenCharly.Foundation;
using OpenCharly.Model;
using OpenCharly.Plans;
using OpenCharly.Tests.Plans;

namespace OpenCharly.Tests.Model;

/// <summary>What a candy names is copied to targets: no path and no link may lead out of its folder.</summary>
public sealed class ContainmentTests : ProjectFixture
{
    private const string Version = "version: 2026.163.0928\n";

    [Theory]
    [InlineData("plain", true)]
    [InlineData("inner", true)]
    [InlineData("folder/deep", true)]
    [InlineData("secret", false)]
    [InlineData("climbing", false)]
    [InlineData("chained", false)]
    [InlineData("outside/shadow", false)]
    [InlineData("outside", false)]
    [InlineData("loop", false)]
    [InlineData("broken", false)]
    public async Task A_copy_follows_links_only_inside_of_the_candy(string source, bool isFine)
    {
        var folder = Tricky();
        WriteCandy("demo", $"task: [{{copy: {source}, to: /x}}]");
        var problems = (await LoadAsync()).Candies.Problems("demo");
        Assert.Equal(isFine ? [] : ["TSK004"], problems.Select(p => p.Code.Id));
        var task = SampleCandies.Task("copy", source) with { To = "/x" };
        var candy = new Candy { Name = "demo", Folder = folder, SourceFolder = folder, ProjectFolder = Folder, Position = new SourcePosition("f", 1, 1), Tasks = [task] };
        if (isFine) Assert.Single(Plan.Compile("debian:13", candy).Steps);
        else Assert.Equal(Errors.TaskSource, Assert.Throws<CharlyException>(() => Plan.Compile("debian:13", candy)).Code);
    }

    [Fact]
    public async Task A_folder_is_not_copied_if_a_link_in_it_leads_out()
    {
        Tricky();
        File.CreateSymbolicLink(Path.Combine(Folder, "candy/demo/folder/key"), Path.Combine(Root, "secret/shadow"));
        WriteCandy("demo", "task: [{copy: folder, to: /x}, {cmd: cat /ctx/plain}]");
        var candy = (await LoadAsync()).Candies.Find("demo")!;
        foreach (var task in candy.Tasks)
        {
            var error = Assert.Throws<CharlyException>(() => Plan.Compile("debian:13", candy with { Tasks = [task] }));
            Assert.Equal(Errors.TaskSource, error.Code);
            Assert.NotNull(error.Position);
        }
    }

    [Theory]
    [InlineData("directory: outside", "CND005")]
    [InlineData("directory: ../../..", "CND005")]
    [InlineData("volume: [{name: v, path: /v}]\ndata: [{src: outside, volume: v}]", "CND013")]
    public async Task Data_and_directory_stay_inside_as_well(string body, string code)
    {
        Tricky();
        WriteCandy("demo", "package: [x]\n" + body);
        Assert.Equal([code], (await LoadAsync()).Candies.Problems("demo").Select(p => p.Code.Id));
    }

    private string Tricky()
    {
        Write("charly.yml", Version);
        Write("../secret/shadow", "root:x\n");
        var folder = Path.Combine(Folder, "candy/demo");
        Write("candy/demo/plain", "x\n");
        Write("candy/demo/folder/deep", "x\n");
        File.CreateSymbolicLink(Path.Combine(folder, "inner"), "folder/../plain");
        File.CreateSymbolicLink(Path.Combine(folder, "secret"), Path.Combine(Root, "secret/shadow"));
        File.CreateSymbolicLink(Path.Combine(folder, "climbing"), "../../../secret/shadow");
        File.CreateSymbolicLink(Path.Combine(folder, "chained"), "secret");
        Directory.CreateSymbolicLink(Path.Combine(folder, "outside"), Path.Combine(Root, "secret"));
        File.CreateSymbolicLink(Path.Combine(folder, "loop"), "loop");
        File.CreateSymbolicLink(Path.Combine(folder, "broken"), "absent");
        return folder;
    }
}
