using OpenCharly.Foundation;
using OpenCharly.Tests.Plans;

namespace OpenCharly.Tests.Pods;

public sealed class QuadletTests
{
    public static TheoryData<string> Names { get; } = [.. PodCases.All.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Quadlets_are_those_of_the_golden_files(string name)
    {
        foreach (var file in PodCases.All[name].Render()) Golden.Check($"{name}/{file.Name}", file.Text);
    }

    [Fact]
    public void A_UDP_port_is_named_in_a_warning_when_the_pod_is_tunnelled()
    {
        var notes = PodCases.All["notes"];
        notes.Warnings.Clear();
        notes.Compile();
        Assert.Contains(notes.Warnings, w => w.Contains("41735 is UDP", StringComparison.Ordinal));
    }

    [Fact]
    public void A_volume_that_the_image_lacks_and_that_has_no_path_is_left_out_with_a_warning()
    {
        var volumes = PodCases.All["volumes"];
        volumes.Warnings.Clear();
        var text = volumes.Render()[0].Text;
        Assert.Contains(volumes.Warnings, w => w.Contains("\"ignored\"", StringComparison.Ordinal));
        Assert.DoesNotContain("ignored", text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_value_with_a_line_break_is_refused_and_an_environment_file_is_proposed()
    {
        var pod = PodCases.All["plain"] with { Entry = "box: plain\nenv: {KEY: \"a\\nExecStartPre=/bin/evil\"}" };
        var error = Assert.Throws<CharlyException>(() => pod.Render());
        Assert.Equal(Errors.PodEnvironment, error.Code);
        Assert.Contains("env_file", error.Help, StringComparison.Ordinal);
        Assert.DoesNotContain("evil", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Labels_add_no_lines_to_a_unit() =>
        Assert.DoesNotContain("\nWantedBy=evil", PodCases.All["status"].Render()[0].Text, StringComparison.Ordinal);

    [Fact]
    public void Without_sidecars_there_is_one_file_and_with_them_one_more_for_the_pod_and_for_each()
    {
        Assert.Single(PodCases.All["plain"].Render());
        Assert.Equal(
            ["charly-plain.container", "charly-plain.pod", "charly-plain-tailscale.container", "charly-plain-redis.container"], PodCases.All["sidecars"].Render().Select(f => f.Name));
    }
}
