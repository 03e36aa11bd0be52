using System.Text;
using OpenCharly.Boxes;
using OpenCharly.Tests.Plans;

namespace OpenCharly.Tests.Boxes;

public sealed class ContainerfileTests : BoxLab
{
    [Theory]
    [InlineData("base")]
    [InlineData("notes")]
    [InlineData("fed")]
    [InlineData("arch")]
    [InlineData("ubu")]
    [InlineData("unit")]
    [InlineData("seed")]
    public async Task A_box_is_written_as_reviewed(string name)
    {
        Write(SampleBoxes.Files);
        var box = (await GenerateAsync(name))[^1];
        Golden.Check($"{name}.Containerfile", box.Text);
        var scripts = new StringBuilder();
        foreach (var (path, file) in box.Files) scripts.Append($"== {path}{(file.IsExecutable ? " executable" : "")}\n").Append(Encoding.UTF8.GetString(file.Content.Span)).Append('\n');
        Golden.Check($"{name}.files", scripts.ToString());
    }

    [Fact]
    public async Task The_same_box_gives_the_same_bytes_wherever_it_lies()
    {
        Write(SampleBoxes.Files);
        var first = await GenerateAsync("notes");
        using var other = new OtherPlace();
        var second = await other.GenerateNotesAsync();
        Assert.Equal(first.Select(b => b.Text), second.Select(b => b.Text));
        Assert.Equal(first.SelectMany(b => b.Files.Keys), second.SelectMany(b => b.Files.Keys));
    }

    [Fact]
    public async Task Every_script_is_one_that_bash_reads_and_every_one_is_used()
    {
        Write(SampleBoxes.Files);
        foreach (var box in await GenerateAsync())
        {
            foreach (var (path, file) in box.Files)
            {
                Assert.Contains(path[(path.IndexOf("/_inline/", StringComparison.Ordinal) + "/_inline".Length)..], box.Text, StringComparison.Ordinal);
                var text = Encoding.UTF8.GetString(file.Content.Span);
                if (!text.StartsWith("set -e", StringComparison.Ordinal)) continue;
                var parsed = BashRun.Parse(text);
                Assert.True(parsed.ExitCode == 0, parsed.Error);
            }
        }
    }

    [Fact]
    public async Task Boxes_come_after_what_they_stand_on_and_what_builds_for_them()
    {
        Write(SampleBoxes.Files);
        var boxes = await GenerateAsync("notes");
        Assert.Equal(["base", "maker", "notes"], boxes.Select(b => b.Name));
        Assert.Equal(["base", "maker"], boxes[^1].After);
        Assert.Equal("registry.example.org/team/notes:2026.200.0915", boxes[^1].Reference);
        Assert.Equal(["registry.example.org/team/maker:2026.200.0915", "registry.example.org/team/base:2026.200.0915"], boxes[^1].Needs);
    }

    [Fact]
    public async Task Labels_in_the_file_are_those_of_the_value()
    {
        Write(SampleBoxes.Files);
        var labels = (await GenerateAsync("notes"))[^1].Labels;
        Assert.Equal(("2026.200.0001", "notes", "ann", "/home/ann", "supervisord", "testing"), (labels.Version, labels.Box, labels.User, labels.Home, labels.Init, labels.Status));
        Assert.Equal(["8080", "5353/udp", "8443"], labels.Ports.Select(p => p.ToString()));
        Assert.Equal(["charly-notes-data:/home/ann/data"], labels.Volumes.Select(v => $"{v.Name}:{v.Path}"));
        Assert.Equal(["WEB_HOME=/home/ann/web", "TZ=UTC", "NOTES_MODE=a b /home/ann"], labels.Environment.Select(e => $"{e.Key}={e.Value}"));
        Assert.Equal(("1g", "256m"), (labels.Security!.MemoryMax, labels.Security.ShmSize));
        Assert.Equal(["later", "web"], labels.ServiceNames["supervisord"].Order());
        Assert.Equal(["native", "shelltools", "supervisord", "web"], labels.CandyVersions.Keys.Order());
        Assert.Equal(
            ["candy web: web-port ctl", "box notes: web-port", "deploy notes: answers"],
            LabelChecks.Read(labels.Checks, "notes", "image").Select(g => $"{g.Section} {g.Owner}: {string.Join(' ', g.Checks.Select(c => c.Id))}"));
        Assert.Equal("/data/data/first/", labels.Data.Single().Staging);
    }

    [Fact]
    public async Task What_a_deployment_is_given_is_not_asked_for_and_not_baked_in()
    {
        Write(SampleBoxes.Files);
        var box = (await GenerateAsync("notes"))[^1];
        Assert.All(box.Files.Values, f => Assert.DoesNotContain("WX_", Encoding.UTF8.GetString(f.Content.Span), StringComparison.Ordinal));
        Assert.DoesNotContain("WX_", box.Text.Split("LABEL ")[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_base_is_not_bootstrapped_twice_and_its_candies_are_not_repeated()
    {
        Write(SampleBoxes.Files);
        var boxes = await GenerateAsync("notes");
        Assert.Contains("ca-certificates", boxes[0].Text, StringComparison.Ordinal);
        Assert.DoesNotContain("ca-certificates", boxes[^1].Text, StringComparison.Ordinal);
        Assert.DoesNotContain("# candy supervisord", boxes[^1].Text, StringComparison.Ordinal);
    }

    private sealed class OtherPlace : BoxLab
    {
        public Task<IReadOnlyList<GeneratedBox>> GenerateNotesAsync()
        {
            Write(SampleBoxes.Files);
            return GenerateAsync("notes");
        }
    }
}
