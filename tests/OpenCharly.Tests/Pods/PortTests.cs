using OpenCharly.Boxes;
using OpenCharly.Foundation;
using OpenCharly.Model;
using OpenCharly.Pods;

namespace OpenCharly.Tests.Pods;

public sealed class PortTests
{
    private static readonly Dictionary<int, string> Nobody = [];

    [Theory]
    [InlineData("8080", "8080:8080")]
    [InlineData("18080:8080", "18080:8080")]
    [InlineData("0.0.0.0:18080:8080", "0.0.0.0:18080:8080")]
    [InlineData("[::1]:18080:8080/udp", "[::1]:18080:8080/udp")]
    [InlineData("53/udp", "53:53/udp")]
    [InlineData("80:80/tcp", "80:80/tcp")]
    public void A_mapping_is_read_in_every_form(string text, string expected)
    {
        Assert.True(PortMapping.TryParse(text, out var mapping));
        Assert.Equal(expected, mapping.ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("0")]
    [InlineData("65536")]
    [InlineData("::1:80:80")]
    [InlineData("80:80/sctp")]
    [InlineData("a:80:80")]
    [InlineData("80:80:80:80")]
    [InlineData("[::1]:80")]
    [InlineData("1.2.3:80:80")]
    [InlineData("80:-80")]
    [InlineData(" 80")]
    [InlineData("[127.0.0.1]:80:80")]
    public void Anything_else_is_no_mapping(string text) => Assert.False(PortMapping.TryParse(text, out _));

    [Fact]
    public void Localising_puts_an_address_in_front_and_never_a_second_one()
    {
        Assert.True(PortMapping.TryParse("80:8080", out var plain));
        Assert.True(PortMapping.TryParse("10.0.0.1:80:8080", out var bound));
        Assert.Equal("127.0.0.1:80:8080", plain.Localised("127.0.0.1").ToString());
        Assert.Equal("10.0.0.1:80:8080", bound.Localised("127.0.0.1").ToString());
    }

    [Fact]
    public void A_pin_wins_then_what_was_published_before_then_a_free_port()
    {
        var plan = PortPlan.Resolve(
            [new(1000, false), new(2000, false), new(3000, false)], [Mapping("11000:1000")], [Mapping("19999:1000"), Mapping("12000:2000")], Nobody, _ => 13000);
        Assert.Equal(["11000:1000", "12000:2000", "13000:3000"], plan.Mappings.Select(m => m.ToString()));
    }

    [Fact]
    public void A_port_that_another_entry_has_is_neither_reused_nor_allocated()
    {
        var free = new Queue<int>([12000, 12001, 12002]);
        var plan = PortPlan.Resolve([new(2000, false)], [], [Mapping("12000:2000")], new Dictionary<int, string> { [12000] = "other", [12001] = "third" }, _ => free.Dequeue());
        Assert.Equal("12002:2000", Assert.Single(plan.Mappings).ToString());
    }

    [Fact]
    public void A_pin_that_another_entry_has_is_kept_and_warned_of()
    {
        var plan = PortPlan.Resolve([new(80, false)], [Mapping("8080:80")], [], new Dictionary<int, string> { [8080] = "web/two" });
        Assert.Equal("8080:80", Assert.Single(plan.Mappings).ToString());
        Assert.Contains("web/two", Assert.Single(plan.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public void A_pin_for_a_port_that_the_image_does_not_expose_comes_last()
    {
        var plan = PortPlan.Resolve([new(80, false)], [Mapping("9999:9999"), Mapping("8080:80")], [], Nobody);
        Assert.Equal(["8080:80", "9999:9999"], plan.Mappings.Select(m => m.ToString()));
    }

    [Fact]
    public void When_no_port_is_free_it_gives_up_after_32_tries()
    {
        var tries = 0;
        var error = Assert.Throws<CharlyException>(() => PortPlan.Resolve([new(80, false)], [], [], new Dictionary<int, string> { [5] = "x" }, _ =>
        {
            tries++;
            return 5;
        }));
        Assert.Equal(Errors.PodPort, error.Code);
        Assert.Equal(32, tries);
    }

    [Fact]
    public void A_free_port_is_one_that_can_be_bound()
    {
        foreach (var protocol in new[] { "tcp", "udp" }) Assert.True(OpenCharly.Vms.PortAllocator.IsFree("127.0.0.1", PortPlan.FreePort(protocol), protocol));
    }

    [Fact]
    public void A_bad_pin_is_an_error_with_its_place_and_the_accepted_forms()
    {
        var error = Assert.Throws<CharlyException>(() => PortPlan.Pins([new SourcedText("eighty:80", new SourcePosition("charly.yml", 4, 9))]));
        Assert.Equal("invalid deploy port pin \"eighty:80\"", error.Message);
        Assert.Equal(new SourcePosition("charly.yml", 4, 9), error.Position);
        Assert.Contains("[V6]:HOST:CONTAINER", error.Help, StringComparison.Ordinal);
    }

    [Fact]
    public void The_retired_word_auto_is_ignored() => Assert.Empty(PortPlan.Pins([new SourcedText("auto", new SourcePosition("charly.yml", 1, 1))]));

    [Fact]
    public void A_text_that_nobody_typed_is_skipped_with_the_accepted_forms()
    {
        var warnings = new List<string>();
        Assert.Single(PortPlan.Readable(["80:80", "nonsense"], warnings));
        Assert.Contains("nonsense", Assert.Single(warnings), StringComparison.Ordinal);
    }

    private static PortMapping Mapping(string text) => PortMapping.TryParse(text, out var mapping) ? mapping : throw new ArgumentException(text);
}
