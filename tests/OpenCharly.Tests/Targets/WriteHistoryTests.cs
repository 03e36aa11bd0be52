using OpenCharly.Ledger;
using OpenCharly.Plans;
using OpenCharly.Targets;

namespace OpenCharly.Tests.Targets;

/// <summary>What a cut run leaves on record: a step that wrote a file after a later step of the plan had worked on it.</summary>
public sealed class WriteHistoryTests
{
    private readonly WriteHistory _history = new();

    [Fact]
    public void A_step_that_an_earlier_one_wrote_over_since_does_not_stand()
    {
        _history.Add("web", Wrote("/srv/tool", "1763760002.5"));
        Assert.Equal("/srv/tool was written since by an earlier step", _history.WhyNot("web", Wrote("/srv/tool", "1763760001.5")));
    }

    [Theory]
    [InlineData("/srv/tool", "1763760002.5")]
    [InlineData("/srv/tool", "1763760003.5")]
    [InlineData("/srv/other", "1763760001.5")]
    public void One_that_ended_later_or_wrote_elsewhere_stands(string path, string ended)
    {
        _history.Add("web", Wrote("/srv/tool", "1763760002.5"));
        Assert.Null(_history.WhyNot("web", Wrote(path, ended)));
    }

    [Fact]
    public void A_managed_block_is_lost_with_its_file_and_wipes_out_no_other()
    {
        _history.Add("web", Block("1763760002.5"));
        Assert.Null(_history.WhyNot("web", Block("1763760001.5")));
        _history.Add("web", Wrote("/home/ada/.bashrc", "1763760003.5"));
        Assert.Equal("/home/ada/.bashrc was written since by an earlier step", _history.WhyNot("web", Block("1763760001.5")));
    }

    [Fact]
    public void What_nobody_can_see_does_not_stand_behind_a_step_of_its_candy_that_ran_since()
    {
        _history.Add("web", Wrote("/srv/tool", "1763760002.5"));
        Assert.Equal("an earlier step of it ran since", _history.WhyNot("web", Opaque("1763760001.5")));
        Assert.Null(_history.WhyNot("web", Opaque("1763760003.5")));
        Assert.Null(_history.WhyNot("other", Opaque("1763760001.5")));
    }

    private static RecordedStep Opaque(string ended) => Wrote("", ended) with
    {
        Extra = new Dictionary<string, string> { [LedgerExtra.Opaque] = "true", [LedgerExtra.Ended] = ended },
    };

    private static RecordedStep Block(string ended) => Wrote("/home/ada/.bashrc", ended) with
    {
        Extra = new Dictionary<string, string> { [LedgerExtra.Paths] = "/home/ada/.bashrc", [LedgerExtra.Ended] = ended, [LedgerExtra.Block] = "# charly" },
    };

    private static RecordedStep Wrote(string path, string ended) => new()
    {
        Kind = StepKind.Op, Scope = StepScope.System, Venue = StepVenue.HostNative, CompletedAt = DateTimeOffset.UnixEpoch,
        Extra = new Dictionary<string, string> { [LedgerExtra.Paths] = path, [LedgerExtra.Ended] = ended },
    };
}
